"""Finds the best columns of each row in blocks of columns. The memory does not grow with the number of columns.

A score and its column are encoded as one integer, a key. A smaller key is better: it has a higher score, or the same
score in an earlier column. So lists are merged by sorting integers, and the sort need not be stable.
"""

from __future__ import annotations

import numpy as np

#: The key that stands for no column. It is larger than any other key.
NO_COLUMN = np.uint64(2**64 - 1)
#: New columns are merged into the lists when there are this many for each place of a list.
PENDING = 4


class BestColumns:
    """The best `k` columns of each row, among all columns and among those that the user has not seen.

    Attributes:
        full: Whether every row has k unseen columns. Then `floor` alone decides which scores to add.
        floor: float32 [rows]; a lower score cannot be in either list, so the caller need not add it.
    """

    def __init__(self, rows: int, k: int) -> None:
        self.k, self.full = k, False
        self.floor = np.full(rows, -np.inf, np.float32)
        self._keys = [np.full((rows, k), NO_COLUMN), np.full((rows, k), NO_COLUMN)]
        self._pending: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self._count = 0

    def add(self, row: np.ndarray, column: np.ndarray, score: np.ndarray, unseen: np.ndarray) -> None:
        """Add columns of some rows: int, int, float32 and bool [n], by rising row."""
        self._pending.append((row, keys_of(score, column), unseen))
        self._count += len(row)
        if not self.full or self._count > PENDING * self.k * len(self.floor):
            self._merge()

    def tables(self) -> tuple[np.ndarray, np.ndarray]:
        """The lists among all and among unseen columns, int64 [rows, k] each, best first; a shorter list ends in 0."""
        self._merge()
        among_all, among_unseen = (
            np.where(keys == NO_COLUMN, 0, keys & np.uint64(2**32 - 1)).astype(np.int64) for keys in self._keys
        )
        return among_all, among_unseen

    def _merge(self) -> None:
        if not self._count:
            return
        row, keys, unseen = (np.concatenate(parts) for parts in zip(*self._pending, strict=True))
        self._pending, self._count = [], 0
        self._keys[0] = merged(self._keys[0], row, keys)
        self._keys[1] = merged(self._keys[1], row[unseen], keys[unseen])
        last = self._keys[1][:, -1]
        self.full = bool((last != NO_COLUMN).all())
        # A later column with the same score would stand behind the whole list, so only higher scores count.
        above = np.nextafter(score_of(last), np.float32(np.inf))
        self.floor = np.where(last == NO_COLUMN, np.float32(-np.inf), above)


def keys_of(scores: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The keys of scores and columns, uint64 [n]. A smaller key is better.

    Args:
        scores: float32 [n], none of which is NaN.
        columns: int [n], below 2^32.
    """
    bits = (scores + np.float32(0)).view(np.int32)  # +0 and -0 become the same number
    falling = np.where(bits < 0, bits.view(np.uint32), ~bits.view(np.uint32) ^ np.uint32(1 << 31))
    return (falling.astype(np.uint64) << np.uint64(32)) | columns.astype(np.uint64)


def score_of(keys: np.ndarray) -> np.ndarray:
    """The scores that the keys encode, float32 [n]."""
    falling = (keys >> np.uint64(32)).astype(np.uint32)
    bits = np.where(falling >= np.uint32(1 << 31), falling, ~falling ^ np.uint32(1 << 31))
    return np.asarray(bits.view(np.float32))


def merged(lists: np.ndarray, row: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Merge new keys, uint64 [n] of the rows int [n], into the lists; keep the k smallest of each, uint64 [rows, k]."""
    rows, k = lists.shape
    order = np.argsort(row, kind="stable")
    row, keys = row[order], keys[order]
    counts = np.bincount(row, minlength=rows)
    place = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    table = np.full((rows, k + int(counts.max(initial=0))), NO_COLUMN)
    table[:, :k] = lists
    table[row, k + place] = keys
    table.sort(axis=1)
    return table[:, :k].copy()


def block_floors(scores: np.ndarray, k: int) -> np.ndarray:
    """A lower bound of the k-th best score of each row, float32 [rows].

    Columns are grouped by `column % groups`. The k-th best of the groups' maxima is at most the k-th best score. It is
    cheaper than a partition of whole rows, since the maxima are computed in one pass over contiguous memory.
    """
    rows, columns = scores.shape
    if columns < k:
        return np.full(rows, -np.inf, np.float32)
    groups = min(columns, 1 << (8 * k - 1).bit_length())
    best = scores[:, : columns // groups * groups].reshape(rows, -1, groups).max(axis=1)
    at: np.ndarray = np.partition(best, groups - k, axis=1)[:, groups - k]
    return at
