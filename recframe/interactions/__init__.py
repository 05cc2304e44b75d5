"""What every dataset returns: interactions in columns, sorted by user and time.

`interactions` has the class. `ordering` sorts events with `sorting`, and uses `file_order` for equal times. `chunks`
cuts long arrays into parts. `tables` converts pandas and Arrow tables. `validity` rejects data that is not sorted,
complete and consistent.
"""
