"""What every dataset yields: interactions in columns, sorted by user and time.

`interactions` has the class, `ordering` the one sort, with `file_order` for events of equal times; `tables` reads
tables of Python, and `validity` refuses what a dataset returns if it is not sorted, complete and consistent.
"""
