"""Other libraries on the same split: a module for each, run by a Python that has its packages.

A module reads the split, trains, and writes a `Curve`: the best 10 items of every test user, and the CPU that training
had taken by then. `protocol` says what is compared. The peers' modules import nothing of recframe; `split`, `compare`,
`recframe_cnn` and `keras_fit` do.
"""
