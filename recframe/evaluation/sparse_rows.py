"""Counts of pairs of labels in compressed rows: of 59,000 items there are 3.5e9 pairs, and no array has them all."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from attrs import evolve, frozen


@frozen(eq=False)
class SparseRows:
    """Row i has the values at offsets[i] to offsets[i + 1], each column once.

    Attributes:
        offsets: int64 [rows + 1].
        columns: int32 [values].
        values: float32 [values].
    """

    offsets: np.ndarray
    columns: np.ndarray
    values: np.ndarray

    @classmethod
    def of_pairs(cls, size: int, pairs: Iterable[tuple[np.ndarray, np.ndarray]], both_ways: bool = False) -> SparseRows:
        """How often each pair (row, column) below `size` stands in the arrays, int [pairs] each, taken one by one.

        With `both_ways` a pair counts for (column, row) too.
        """
        keys, counts = np.empty(0, np.int64), np.empty(0, np.int64)
        for row, column in pairs:
            one, other = (np.minimum(row, column), np.maximum(row, column)) if both_ways else (row, column)
            distinct, times = np.unique(one.astype(np.int64) * size + other, return_counts=True)
            keys, counts = _summed(np.concatenate([keys, distinct]), np.concatenate([counts, times]))
        if both_ways:
            rows, columns = np.divmod(keys, size)
            keys, counts = _summed(np.concatenate([keys, columns * size + rows]), np.concatenate([counts, counts]))
        rows, columns = np.divmod(keys, size)
        offsets = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=size))])
        return cls(offsets, columns.astype(np.int32), counts.astype(np.float32))

    def largest(self, limit: int) -> SparseRows:
        """The `limit` largest values of each row; of equal ones those of the first columns."""
        rows = np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))
        order = np.lexsort((self.columns, -self.values, rows))
        kept = order[np.arange(len(order)) - self.offsets[rows] < limit]
        offsets = np.concatenate([[0], np.cumsum(np.minimum(np.diff(self.offsets), limit))])
        return SparseRows(offsets, self.columns[kept], self.values[kept])

    def over_columns(self, divisor: np.ndarray) -> SparseRows:
        """Each value over its column's divisor, float [columns]."""
        return evolve(self, values=(self.values / divisor[self.columns]).astype(np.float32))

    def add_to(self, scores: np.ndarray, at: np.ndarray, rows: np.ndarray, weight: float = 1.0) -> None:
        """Add `weight` times row rows[i] to scores[at[i]]; `at` int [n] has no repeats, scores is [any, columns]."""
        counts = self.offsets[rows + 1] - self.offsets[rows]
        starts = np.repeat(self.offsets[rows] - (np.cumsum(counts) - counts), counts)
        values = starts + np.arange(len(starts))
        # No cell comes twice, as a row has each column once: a plain indexed sum is right.
        cells = np.repeat(at * scores.shape[1], counts) + self.columns[values]
        scores.reshape(-1)[cells] += np.float32(weight) * self.values[values]


def _summed(keys: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each key once, rising, with its counts summed."""
    order = np.argsort(keys, kind="stable")  # merges runs that are sorted already in one pass
    keys = keys[order]
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    return keys[first], np.add.reduceat(counts[order], first) if len(first) else counts
