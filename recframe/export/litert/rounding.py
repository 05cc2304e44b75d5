"""Rounds a table to whole numbers and a factor for each row, so that its products change least, not its entries.

Columns are rounded one after another. Later columns make up for the error of a column, as far as they are correlated
with it in the vectors that the table is multiplied with.

Source: GPTQ, Frantar et al., ICLR 2023 (arXiv:2210.17323). With few steps, the factor with the least error of the
products is searched too: a small factor rounds finely, a large one leaves the later columns more room.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from attrs import frozen

#: Shares of the mean second moment that are added to each moment, so that every direction counts a little. 0.01 is the
#: paper's, for weights that are only multiplied. Rows that are also looked up matter in every direction, so with few
#: steps the share is larger.
DAMPING, DAMPING_OF_ROWS = 0.01, 0.4
#: With at most this many steps on either side of zero, factors are searched: these shares of the factor that the
#: largest entry needs.
_FEW_STEPS = 7
_SHARES = np.linspace(0.5, 1.3, 17)
#: Rows rounded at a time, as many as the processor's cache holds; and columns between two matrix products.
_ROWS, _COLUMNS = 8_192, 16


@frozen(eq=False)
class Rounded:
    """A table in whole numbers.

    Attributes:
        codes: int8 [rows, columns].
        scales: float32 [rows], the value of one step of the codes.
    """

    codes: np.ndarray
    scales: np.ndarray

    @property
    def values(self) -> np.ndarray:
        """float32 [rows, columns]: the rounded table."""
        return np.asarray(self.codes * self.scales[:, None])


def nearest(values: np.ndarray, top: int) -> Rounded:
    """Round every entry to the nearest step.

    Args:
        values: float32 [rows, columns].
        top: The largest code; the least is -top.
    """
    return _rounded(values, top, _alone, _to_nearest)


def for_products(values: np.ndarray, top: int, moments: np.ndarray, looked_up: bool = False) -> Rounded:
    """Round so that products change least.

    Args:
        values: float32 [rows, columns].
        top: The largest code; the least is -top.
        moments: float64 [columns, columns], the mean of v v' over the vectors v that rows are multiplied with.
        looked_up: Whether rows are also read by themselves.
    """
    level = np.trace(moments) / len(moments)
    if not np.isfinite(level) or level <= 0:
        return nearest(values, top)  # no vectors, or not finite ones: they say nothing of the products
    damping = DAMPING_OF_ROWS if looked_up and top <= _FEW_STEPS else DAMPING
    damped = moments + damping * level * np.eye(len(moments))
    # The column that matters most comes first, so that others make up for it.
    order = np.argsort(-np.diag(damped), kind="stable")
    passed_on = np.linalg.cholesky(np.linalg.inv(damped[np.ix_(order, order)])).T

    def by_column(columns: np.ndarray, steps: np.ndarray, top: int) -> np.ndarray:
        left, codes, lost = columns[order], np.empty(columns.shape), np.empty(columns.shape)
        for start in range(0, len(order), _COLUMNS):
            end = min(start + _COLUMNS, len(order))
            for place in range(start, end):
                codes[order[place]] = code = _to_nearest(left[place], steps, top)
                lost[place] = (left[place] - code * steps) / passed_on[place, place]
                for later in range(place + 1, end):
                    left[later] -= passed_on[place, later] * lost[place]
            left[end:] -= passed_on[start:end, end:].T @ lost[start:end]
        return codes

    return _rounded(values, top, lambda columns: damped @ columns, by_column)


def _alone(columns: np.ndarray) -> np.ndarray:
    """Weigh every entry alike, as a unit matrix would; for a long row that matrix would be too large."""
    return columns


def _to_nearest(columns: np.ndarray, steps: np.ndarray, top: int) -> np.ndarray:
    return np.asarray(np.clip(np.rint(columns / steps), -top, top))


def _rounded(
    values: np.ndarray, top: int, weigh: Callable[[np.ndarray], np.ndarray], codes_for: Callable[..., np.ndarray]
) -> Rounded:
    """Round in parts. Columns are float64 [columns, rows], so that the numbers of a column are adjacent in memory.

    Args:
        weigh: Multiplies columns with the moments.
        codes_for: Makes the codes of columns, for the steps of their rows and the largest code.
    """
    codes, scales = np.empty(values.shape, np.int8), np.empty(len(values), np.float32)
    for at in range(0, len(values), _ROWS):
        rows = slice(at, at + _ROWS)
        rounded, scales[rows] = _rounded_columns(values[rows].T.astype(np.float64), top, weigh, codes_for)
        codes[rows] = rounded.T
    return Rounded(codes, scales)


def _rounded_columns(
    columns: np.ndarray, top: int, weigh: Callable[[np.ndarray], np.ndarray], codes_for: Callable[..., np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    largest = np.abs(columns).max(axis=0)
    steps = np.where(largest == 0, 1.0, largest) / top
    if top > _FEW_STEPS:
        return codes_for(columns, steps, top), steps
    best, scales, error = np.zeros(columns.shape), steps, np.full(len(steps), np.inf)
    for share in _SHARES:
        codes = codes_for(columns, steps * share, top)
        # The factor with the least error for these codes, but none that is negative or 0.
        weighed = weigh(codes)
        size, along = (weighed * codes).sum(axis=0), (weighed * columns).sum(axis=0)
        factors = np.where(along > 0, along / np.where(size > 0, size, 1.0), steps * share)
        off = columns - codes * factors
        rounded = (weigh(off) * off).sum(axis=0)
        better = rounded < error
        best, error = np.where(better, codes, best), np.minimum(error, rounded)
        scales = np.where(better, factors, scales)
    return best, scales
