"""Rounding a table so that its products change least, not its entries.

Columns are rounded one after another, and what a column loses is made up for in those that follow, as far as the
vectors that the table is multiplied with make the columns exchangeable.

Source: GPTQ, Frantar et al., ICLR 2023 (arXiv:2210.17323).
"""

from __future__ import annotations

import numpy as np

#: Of the mean second moment, added to each: no direction is taken for one that never occurs. In the paper 0.01; few
#: steps pass on more than the later columns can make up for, so there it is more.
DAMPING, DAMPING_OF_FEW_STEPS = 0.01, 0.1


def nearest(values: np.ndarray, scales: np.ndarray, top: int) -> np.ndarray:
    """int8 [rows, columns]: values over the scale of their row, to the nearest whole number from -top to top."""
    return np.asarray(np.clip(np.round(values / scales[:, None]), -top, top), np.int8)


def for_products(values: np.ndarray, scales: np.ndarray, top: int, moments: np.ndarray) -> np.ndarray:
    """Codes as `nearest` gives them, but such that products with the vectors come out closest.

    Args:
        values: float32 [rows, columns].
        scales: float32 [rows], what one step of the codes is worth.
        moments: float64 [columns, columns], the mean of v v' over the vectors v.
    """
    level = np.trace(moments) / len(moments)
    if not np.isfinite(level) or level <= 0:
        return nearest(values, scales, top)  # no vector, or none that is a number: nothing to go by
    # The column that matters most comes first, so that others make up for it.
    order = np.argsort(-np.diag(moments), kind="stable")
    damping = DAMPING if top > 7 else DAMPING_OF_FEW_STEPS
    damped = moments[np.ix_(order, order)] + damping * level * np.eye(len(moments))
    passed_on = np.linalg.cholesky(np.linalg.inv(damped)).T
    left, codes = values[:, order].astype(np.float64), np.empty(values.shape, np.int8)
    for place, column in enumerate(order):
        codes[:, column] = nearest(left[:, place : place + 1], scales, top)[:, 0]
        lost = (left[:, place] - codes[:, column] * scales) / passed_on[place, place]
        left[:, place:] -= lost[:, None] * passed_on[place, place:]
    return codes
