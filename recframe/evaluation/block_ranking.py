"""Computes ranks and best items for some histories, in few passes over their scores, in blocks of the catalogue.

Evaluation spends its time on the matrix products that make the scores, and on passes over arrays [rows, columns]. So
each pass serves both protocols, with and without seen items. The arrays are allocated once, for one block.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from attrs import frozen

from recframe.evaluation.best_columns import BestColumns, block_floors
from recframe.evaluation.scorers import ColumnScorer, Tile


@frozen(eq=False)
class Rows:
    """Histories to rank items for.

    Attributes:
        score: Computes the scores of some columns for these rows.
        labels: int [rows]; the label of each row.
        seen_row: int64 [seen]; the row of each seen column. Repeated pairs are allowed.
        seen: int64 [seen]; the seen columns.
    """

    score: ColumnScorer
    labels: np.ndarray
    seen_row: np.ndarray
    seen: np.ndarray


@frozen(eq=False)
class Ranked:
    """Ranks and best columns. Each is a pair: among all columns, and among unseen columns.

    Attributes:
        ranks: int64 [rows]; the rank of the label, from 1.
        best: int64 [rows, k]; the best columns, best first, equal scores by rising column. A shorter list ends in 0.
    """

    ranks: tuple[np.ndarray, np.ndarray]
    best: tuple[np.ndarray, np.ndarray]


@frozen(eq=False)
class _Block:
    """Scores float32 and flags bool, [rows, columns], of a block. `seen` holds flat indices of the seen cells."""

    columns: slice
    scores: np.ndarray
    flags: np.ndarray
    absent: np.ndarray
    seen: np.ndarray


class BlockRanking:
    """Ranks up to `tile.rows` rows at a time, and holds the arrays for it.

    Args:
        known: bool [columns]; other columns, such as padding, never count.
    """

    def __init__(self, tile: Tile, known: np.ndarray) -> None:
        self._known, self._behind_all = known, int(np.count_nonzero(known)) + 1
        self._blocks = [slice(at, min(at + tile.columns, len(known))) for at in range(0, len(known), tile.columns)]
        self._width = tile.columns
        self._scores = np.empty(tile.rows * tile.columns, np.float32)
        self._flags = np.empty(tile.rows * tile.columns, bool)

    def rank(self, rows: Rows, k: int = 0) -> Ranked:
        """Rank the labels. If `k` is above 0, find the k best columns too.

        A label that is seen itself ranks behind all unseen columns, since no list without seen columns contains it.
        """
        count = len(rows.labels)
        own = self._own(rows)
        below_all, below_unseen, seen_self = np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count, bool)
        best = BestColumns(count, k)
        for block in self._scored(rows):
            here = np.flatnonzero((rows.labels >= block.columns.start) & (rows.labels < block.columns.stop))
            columns = rows.labels[here] - block.columns.start
            if own is None:
                own = block.scores[here, columns]
            # NaN must not give a good rank. It compares false, so the scores below the label's are counted.
            np.less(block.scores, own[:, None], out=block.flags)
            block.flags[:, block.absent] = True
            below_all += count_true(block.flags)
            block.flags.reshape(-1)[block.seen] = True
            below_unseen += count_true(block.flags)
            seen_self[here] = block.flags[here, columns]  # its own score is not below itself, so the flag means seen
            if k:
                _add_best(best, block)
        among_all, among_unseen = len(self._known) - below_all, len(self._known) - below_unseen
        among_unseen[seen_self] = self._behind_all
        return Ranked((among_all, among_unseen), best.tables())

    def _own(self, rows: Rows) -> np.ndarray | None:
        """The labels' scores, float32 [rows], with the bits of the comparison; None if one block has all labels."""
        if len(self._blocks) == 1:
            return None
        own, of_block = np.empty(len(rows.labels), np.float32), rows.labels // self._width
        for number in np.unique(of_block):
            columns, here = self._blocks[number], np.flatnonzero(of_block == number)
            own[here] = self._score(rows, columns)[here, rows.labels[here] - columns.start]
        return own

    def _score(self, rows: Rows, columns: slice) -> np.ndarray:
        scores = self._view(self._scores, len(rows.labels), columns)
        rows.score(columns, scores)
        return scores

    def _scored(self, rows: Rows) -> Iterator[_Block]:
        for columns, (seen_row, seen) in zip(self._blocks, self._seen_of_blocks(rows), strict=True):
            width = columns.stop - columns.start
            scores, flags = self._score(rows, columns), self._view(self._flags, len(rows.labels), columns)
            absent = np.flatnonzero(~self._known[columns])
            yield _Block(columns, scores, flags, absent, seen_row * width + (seen - columns.start))

    def _seen_of_blocks(self, rows: Rows) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Rows and columns of the seen cells of each block."""
        if len(self._blocks) == 1:
            yield rows.seen_row, rows.seen
            return
        order = np.argsort(rows.seen)
        seen_row, seen = rows.seen_row[order], rows.seen[order]
        ends = np.searchsorted(seen, [columns.stop for columns in self._blocks])
        for start, end in itertools.pairwise([0, *ends.tolist()]):
            yield seen_row[start:end], seen[start:end]

    def _view(self, array: np.ndarray, rows: int, columns: slice) -> np.ndarray:
        width = columns.stop - columns.start
        return array[: rows * width].reshape(rows, width)


def label_ranks(scores: np.ndarray, labels: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The rank of each row's label among the known columns, int64 [rows], from 1. An unknown label ranks behind all.

    Args:
        scores: float32 [rows, columns].
        known: bool [columns].
    """
    below = scores < scores[np.arange(len(labels)), labels][:, None]
    below[:, ~known] = True
    return np.where(known[labels], len(known) - count_true(below), np.count_nonzero(known) + 1)


def count_true(flags: np.ndarray) -> np.ndarray:
    """How many flags of each row are set, int64 [rows]."""
    # The narrowest type that cannot overflow. NumPy's count_nonzero along an axis is slower, since it widens each flag.
    narrow = np.uint16 if flags.shape[1] < 2**16 else np.uint32
    return np.asarray(flags.view(np.uint8).sum(axis=1, dtype=narrow), np.int64)


def _add_best(best: BestColumns, block: _Block) -> None:
    """Add the columns that may be among the best. Overwrites the flags, and the scores of columns without an item."""
    scores, cells = block.scores.reshape(-1), block.seen
    block.scores[:, block.absent] = -np.inf
    floor = best.floor
    if not best.full:
        hidden = scores[cells]
        scores[cells] = -np.inf
        # One floor serves both lists: a seen column in the list of all is at least as good as the k-th best unseen one.
        floor = np.maximum(floor, block_floors(block.scores, best.k))
        scores[cells] = hidden
    reaching = np.flatnonzero(np.greater_equal(block.scores, floor[:, None], out=block.flags))
    block.flags.reshape(-1)[cells] = False
    row, column = np.divmod(reaching, block.scores.shape[1])
    unseen, value = block.flags.reshape(-1)[reaching], scores[reaching]
    if len(block.absent) and (value == -np.inf).any():
        kept = np.isin(column, block.absent, invert=True)
        row, column, unseen, value = row[kept], column[kept], unseen[kept], value[kept]
    best.add(row, column + block.columns.start, value, unseen)
