"""A moving average of the weights, which often generalises better than the weights of any one step.

Keras's optimizers keep the averages among their own variables, so a training state includes them. Source: Polyak and
Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import keras


@contextlib.contextmanager
def averaged(optimizer: keras.Optimizer, variables: Sequence[keras.Variable]) -> Iterator[None]:
    """Inside the block the variables have their averages, if the optimizer keeps any; after it their own values.

    Args:
        variables: Those that the optimizer was built for, in the same order.
    """
    if not optimizer.use_ema:
        yield
        return
    values = [variable.numpy() for variable in variables]
    optimizer.finalize_variable_values(variables)
    try:
        yield
    finally:
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
