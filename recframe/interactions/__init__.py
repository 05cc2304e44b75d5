"""What every dataset yields: interactions in columns, sorted by user and time.

`interactions` has the class, `ordering` the one sort, with `file_order` for events of equal times; `tables` reads
tables of Python, and `validity` refuses what a plugin's dataset returns where it breaks its word.
"""
