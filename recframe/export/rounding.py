"""Whole numbers and a factor for each row of a table, chosen so that its products change least, not its entries.

Columns are rounded one after another, and what a column loses is made up for in those that follow, as far as the
vectors that the table is multiplied with make the columns exchangeable.

Source: GPTQ, Frantar et al., ICLR 2023 (arXiv:2210.17323). Of few steps, the factor is searched by the same error: a
small one rounds finely, a large one leaves the later columns room to make up in.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from attrs import frozen

#: Of the mean second moment, added to each: no direction is taken for one that never occurs. 0.01 as in the paper,
#: where weights are only multiplied. Rows that are looked up too count in every direction, of few steps for more.
DAMPING, DAMPING_OF_ROWS = 0.01, 0.4
#: Up to so many steps on either side of zero, factors are searched, as shares of what the largest entry asks for.
_FEW_STEPS = 7
_SHARES = np.linspace(0.5, 1.3, 17)
#: Rows that are rounded at a time, which fit into the processor's cache, and columns between two matrix products.
_ROWS, _COLUMNS = 8_192, 16


@frozen(eq=False)
class Rounded:
    """A table in whole numbers.

    Attributes:
        codes: int8 [rows, columns].
        scales: float32 [rows], what one step of the codes is worth.
    """

    codes: np.ndarray
    scales: np.ndarray

    @property
    def values(self) -> np.ndarray:
        """float32 [rows, columns], what the table has become."""
        return np.asarray(self.codes * self.scales[:, None])


def nearest(values: np.ndarray, top: int) -> Rounded:
    """Every entry to the nearest step.

    Args:
        values: float32 [rows, columns].
        top: The largest code; the least is -top.
    """
    return _rounded(values, top, _alone, _to_nearest)


def for_products(values: np.ndarray, top: int, moments: np.ndarray, looked_up: bool = False) -> Rounded:
    """Codes with which products come out closest.

    Args:
        values: float32 [rows, columns].
        top: The largest code; the least is -top.
        moments: float64 [columns, columns], the mean of v v' over the vectors v that rows are multiplied with.
        looked_up: Whether rows are read as they are, too.
    """
    level = np.trace(moments) / len(moments)
    if not np.isfinite(level) or level <= 0:
        return nearest(values, top)  # no vector, or none that is a number: nothing to go by
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
    """Every entry counts for itself. A unit matrix would say so too, and be too large for a long row."""
    return columns


def _to_nearest(columns: np.ndarray, steps: np.ndarray, top: int) -> np.ndarray:
    return np.asarray(np.clip(np.rint(columns / steps), -top, top))


def _rounded(
    values: np.ndarray, top: int, weigh: Callable[[np.ndarray], np.ndarray], codes_for: Callable[..., np.ndarray]
) -> Rounded:
    """Round in parts. Columns are float64 [columns, rows], as the numbers of one column then stand side by side.

    Args:
        weigh: Columns times the moments.
        codes_for: The codes of columns for given steps and top.
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
        # Of these codes the factor with the least error, which none may be that turns the row around.
        weighed = weigh(codes)
        size, along = (weighed * codes).sum(axis=0), (weighed * columns).sum(axis=0)
        factors = np.where(along > 0, along / np.where(size > 0, size, 1.0), steps * share)
        off = columns - codes * factors
        rounded = (weigh(off) * off).sum(axis=0)
        better = rounded < error
        best, error = np.where(better, codes, best), np.minimum(error, rounded)
        scales = np.where(better, factors, scales)
    return best, scales
