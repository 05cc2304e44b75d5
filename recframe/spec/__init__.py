"""The experiment as data.

`option` is how a class declares an option; `experiment` has the classes; `structure` makes a class of plain values and
collects every problem; `convert` does so for a whole experiment, and back.
"""
