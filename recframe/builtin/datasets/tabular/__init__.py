"""Anyone's interactions: files of rows, or a table in Python.

`dataset` is the door. `paths` and `formats` give batches of rows; `events` keeps the parts of each that count, with
`clean`, `times`, `event_kinds` and `item_lists`, and `ledger` counts what becomes of every row; `attributes` reads the
tables of items and users; `build` puts all of it together.
"""
