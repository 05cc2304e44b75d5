"""The experiment as data.

`option` declares one option of a class. `experiment`, `split` and `train` hold the classes. `structure` makes an
instance of a class from plain values and collects every problem. `convert` turns a plain mapping into a whole
experiment, and back; `rules` has the rules between several options. `describe` lists the options of a class, and
`small_catalogue` adapts an experiment to few items.
"""
