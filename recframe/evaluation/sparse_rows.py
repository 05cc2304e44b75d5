"""Counts of pairs of labels in compressed rows: of 59,000 items there are 3.5e9 pairs, and no array has them all."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from attrs import evolve, frozen

#: Columns that are put into one bin where only some are asked for at a time.
BIN = 512


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

    def cells(self, at: np.ndarray, rows: np.ndarray, weight: float = 1.0) -> SparseCells:
        """What adds `weight` times row rows[i] to the scores at[i]; `at` int [n] has no repeats."""
        counts = self.offsets[rows + 1] - self.offsets[rows]
        starts = np.repeat(self.offsets[rows] - (np.cumsum(counts) - counts), counts)
        values = starts + np.arange(len(starts))
        return SparseCells(np.repeat(at, counts), self.columns[values], np.float32(weight) * self.values[values])


class SparseCells:
    """Values to add to scores, no cell twice.

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
        """Add to the scores of some of the labels, float32 [rows, those columns]."""
        width = columns.stop - columns.start
        if width == labels:
            # No cell comes twice: a plain indexed sum is right.
            scores.reshape(-1)[self.rows * labels + self.columns] += self.values
            return
        cells = self._binned(labels)
        part = slice(self._ends[columns.start // BIN], self._ends[(columns.stop - 1) // BIN + 1])
        column = cells.columns[part] - columns.start
        here = np.flatnonzero((column >= 0) & (column < width))
        scores.reshape(-1)[cells.rows[part][here] * width + column[here]] += cells.values[part][here]

    def _binned(self, labels: int) -> SparseCells:
        """The cells by bins of their columns, sorted once, so that a block of columns reads only a few."""
        if self._in_bins is None:
            bins = self.columns // BIN
            counts = np.bincount(bins, minlength=-(-labels // BIN))
            # NumPy sorts numbers of 16 bits without comparing them.
            order = np.argsort(bins.astype(np.min_scalar_type(len(counts))), kind="stable")
            self._ends = np.concatenate([[0], np.cumsum(counts)])
            self._in_bins = SparseCells(self.rows[order], self.columns[order], self.values[order])
        return self._in_bins


def _summed(keys: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each key once, rising, with its counts summed."""
    order = np.argsort(keys, kind="stable")  # merges runs that are sorted already in one pass
    keys = keys[order]
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    return keys[first], np.add.reduceat(counts[order], first) if len(first) else counts
