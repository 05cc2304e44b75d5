"""Checks that an exported model answers as the trained model does, and that it is small enough.

`same_codes` checks that apps encode values as training did, and `parity` compares scores and answers. `asking` calls a
model as an app does, and `delivery` measures it so on the test targets. `gate` makes a variant of a model and applies
these checks, and chooses among several variants.
"""
