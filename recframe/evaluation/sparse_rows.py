"""Counts of pairs of labels in compressed sparse rows, since 59,000 items have 3.5e9 pairs, too many for an array."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from attrs import evolve, frozen

#: The width of a bin of columns, if columns are read in blocks.
BIN = 512


@frozen(eq=False)
class SparseRows:
    """A sparse matrix. Row i has the values at offsets[i] to offsets[i + 1], and each column at most once.

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
        """Count the pairs (row, column) in the arrays, int [pairs] each. All numbers are below `size`.

        The arrays are read one after the other. With `both_ways` a pair counts for (column, row) too.
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
        """The `limit` largest values of each row. Of equal values the first columns are kept."""
        rows = np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))
        order = np.lexsort((self.columns, -self.values, rows))
        kept = order[np.arange(len(order)) - self.offsets[rows] < limit]
        offsets = np.concatenate([[0], np.cumsum(np.minimum(np.diff(self.offsets), limit))])
        return SparseRows(offsets, self.columns[kept], self.values[kept])

    def over_columns(self, divisor: np.ndarray) -> SparseRows:
        """Each value divided by the divisor of its column, float [columns]."""
        return evolve(self, values=(self.values / divisor[self.columns]).astype(np.float32))

    def cells(self, at: np.ndarray, rows: np.ndarray, weight: float = 1.0) -> SparseCells:
        """The cells that add `weight` times row rows[i] to the scores of row at[i]. `at`, int [n], has no repeats."""
        counts = self.offsets[rows + 1] - self.offsets[rows]
        starts = np.repeat(self.offsets[rows] - (np.cumsum(counts) - counts), counts)
        values = starts + np.arange(len(starts))
        return SparseCells(np.repeat(at, counts), self.columns[values], np.float32(weight) * self.values[values])


class SparseCells:
    """Values to add to cells of scores. No cell occurs twice.

    Args:
        rows: int [n].
        columns: int32 [n].
        values: float32 [n].
    """

    def __init__(self, rows: np.ndarray, columns: np.ndarray, values: np.ndarray) -> None:
        self.rows, self.columns, self.values = rows, columns, values
        self._in_bins: SparseCells | None = None
        self._ends = np.zeros(1, np.int64)

    def add_to(self, scores: np.ndarray, columns: slice, labels: int) -> None:
        """Add the values to the scores of a slice of the labels, float32 [rows, labels of the slice]."""
        width = columns.stop - columns.start
        if width == labels:
            # No cell occurs twice, so an indexed sum is correct.
            scores.reshape(-1)[self.rows * labels + self.columns] += self.values
            return
        cells = self._binned(labels)
        part = slice(self._ends[columns.start // BIN], self._ends[(columns.stop - 1) // BIN + 1])
        column = cells.columns[part] - columns.start
        here = np.flatnonzero((column >= 0) & (column < width))
        scores.reshape(-1)[cells.rows[part][here] * width + column[here]] += cells.values[part][here]

    def _binned(self, labels: int) -> SparseCells:
        """The cells sorted by bins of their columns, so that a block of columns reads only a few bins."""
        if self._in_bins is None:
            bins = self.columns // BIN
            counts = np.bincount(bins, minlength=-(-labels // BIN))
            # NumPy sorts 16-bit integers by radix sort, which is fast.
            order = np.argsort(bins.astype(np.min_scalar_type(len(counts))), kind="stable")
            self._ends = np.concatenate([[0], np.cumsum(counts)])
            self._in_bins = SparseCells(self.rows[order], self.columns[order], self.values[order])
        return self._in_bins


def _summed(keys: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct keys in rising order, with their summed counts."""
    order = np.argsort(keys, kind="stable")  # merges runs that are sorted already in one pass
    keys = keys[order]
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    return keys[first], np.add.reduceat(counts[order], first) if len(first) else counts
