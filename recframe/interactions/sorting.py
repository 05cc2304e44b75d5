"""The one sort of rows by columns of whole numbers, and the distinct numbers of a column."""

from __future__ import annotations

from math import prod

import numpy as np

_UNITS = (10**9, 10**6, 10**3)  # that large numbers, such as nanoseconds, may all be multiples of
_LARGE = 10**9


def order_by(*columns: np.ndarray) -> np.ndarray | None:
    """int64 [rows]: the rows by the first of whole-number columns, equal ones by the next, and so on.

    Rows that are equal in all stay as they stand. None where all stand in order already.
    """
    units = [_unit(values) for values in columns]
    lows = [int(values.min()) // unit for values, unit in zip(columns, units, strict=True)]
    highs = [int(values.max()) // unit for values, unit in zip(columns, units, strict=True)]
    spans = [high - low + 1 for low, high in zip(lows, highs, strict=True)]
    if prod(spans) >= 1 << 63:
        return np.lexsort(columns[::-1])
    # One number for all: one sort instead of several.
    key = np.zeros(len(columns[0]), np.int64)
    for values, unit, low, span in zip(columns, units, lows, spans, strict=True):
        key *= span
        key += values if unit == 1 else values // unit
        key -= low
    return None if (key[1:] >= key[:-1]).all() else np.argsort(key, kind="stable")


def _unit(values: np.ndarray) -> int:
    """A number that all values are multiples of, where they are large."""
    if int(values.max()) - int(values.min()) < _LARGE:
        return 1
    return next((unit for unit in _UNITS if not (values[:1000] % unit).any() and not (values % unit).any()), 1)


def distinct_integers(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct numbers in order, and int32 the place of each given one among them."""
    low, high = int(values.min()), int(values.max())
    if high - low < 4 * len(values) + 1_000_000:
        # Marking what is there needs no sort.
        present = np.zeros(high - low + 1, bool)
        shifted = values - low
        present[shifted] = True
        return np.flatnonzero(present) + low, (np.cumsum(present, dtype=np.int32) - 1)[shifted]
    distinct, codes = np.unique(values, return_inverse=True)
    return distinct, codes.astype(np.int32)
