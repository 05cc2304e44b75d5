"""What every dataset yields: interactions in columns, sorted by user and time.

`interactions` has the class; `ordering` puts events in order, with the one sort of `sorting` and with `file_order` for
equal times; `chunks` passes over long arrays; `tables` reads tables of Python; `validity` refuses what a dataset
returns if it is not sorted, complete and consistent.
"""
