"""Fitting: the training `loop`, optimizers, checkpoints, warm starts, and the popularity prior."""
