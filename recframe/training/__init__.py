"""Fitting: the `loop` of compiled steps, optimizers, checkpoints, weights of an earlier run, the popularity prior."""
