"""Ranks and best items of a block of histories, in few passes over its scores.

Evaluation time goes into passes over [rows, columns] arrays, so each pass here serves both protocols, with seen items
and without, and the arrays are made once.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen


@frozen(eq=False)
class Block:
    """Scores to rank.

    Attributes:
        scores: float32 [rows, columns]; the seen ones are hidden for a moment.
        labels: int [rows] each row's label.
        seen_row: int64 [seen] row of each seen column; repeats do no harm.
        seen: int64 [seen] seen columns.
    """

    scores: np.ndarray
    labels: np.ndarray
    seen_row: np.ndarray
    seen: np.ndarray


@frozen(eq=False)
class Best:
    """The best columns of the rows.

    Attributes:
        columns: int64 [found] columns, row by row.
        places: int64 [found] the place of each in its row, from 0; equal scores stand by rising column.
        rows: int64 [found] the row of each, rising.
    """

    columns: np.ndarray
    places: np.ndarray
    rows: np.ndarray

    def table(self, rows: int, k: int) -> np.ndarray:
        """int64 [rows, k]: the columns by row and place; 0 where a row has fewer."""
        table = np.zeros((rows, k), np.int64)
        table[self.rows, self.places] = self.columns
        return table


class BlockRanking:
    """Ranks blocks of up to `rows` rows; holds the arrays that this needs.

    Args:
        known: bool [columns]; the others, such as padding, never count.
    """

    def __init__(self, rows: int, known: np.ndarray) -> None:
        columns = len(known)
        self._absent, self._known = np.flatnonzero(~known), known
        self._behind_all = int(np.count_nonzero(known)) + 1
        self._flags = np.empty((rows, columns), bool)

    def ranks(self, block: Block) -> tuple[np.ndarray, np.ndarray]:
        """int64 [rows] each: rank of the label among all columns, and among those that are not seen.

        A label that is seen itself stands behind everything there: no list without seen columns holds it.
        """
        rows, columns = block.scores.shape
        flags, own = self._flags[:rows], block.scores[np.arange(rows), block.labels]
        # A score that is not a number must not give a good rank: NaN compares false, so count what is below.
        np.less(block.scores, own[:, None], out=flags)
        flags[:, self._absent] = True
        among_all = columns - count_true(flags)
        _set_seen(flags, block, True)
        among_unseen = columns - count_true(flags)
        among_unseen[block.seen_row[block.seen == block.labels[block.seen_row]]] = self._behind_all
        return among_all, among_unseen

    def best(self, block: Block, k: int) -> tuple[Best, Best]:
        """The k best columns of each row, among all and among those that are not seen."""
        rows, columns = block.scores.shape
        flags, seen = self._flags[:rows], block.seen_row * columns + block.seen
        hidden, absent = block.scores.reshape(-1)[seen], block.scores[:, self._absent]
        _set_seen(block.scores, block, -np.inf)
        block.scores[:, self._absent] = -np.inf
        # A seen column among the best of all scores at least as high as the k-th best unseen one: one floor will do.
        floor = floors(block.scores, k)
        block.scores.reshape(-1)[seen], block.scores[:, self._absent] = hidden, absent
        reaching = np.flatnonzero(np.greater_equal(block.scores, floor[:, None], out=flags))
        reaching = reaching[self._known[reaching % columns]]
        _set_seen(flags, block, False)
        unseen = reaching[flags.reshape(-1)[reaching]]
        return best_places(block.scores, reaching, k), best_places(block.scores, unseen, k)


def label_ranks(scores: np.ndarray, labels: np.ndarray, known: np.ndarray) -> np.ndarray:
    """int64 [rows]: rank of each row's label among the known columns, from 1; a label that is none is behind all.

    Args:
        scores: float32 [rows, columns].
        known: bool [columns].
    """
    nothing_seen = np.zeros(0, np.int64)
    among_all, _ = BlockRanking(len(scores), known).ranks(Block(scores, labels, nothing_seen, nothing_seen))
    return np.where(known[labels], among_all, np.count_nonzero(known) + 1)


def _set_seen(array: np.ndarray, block: Block, value: object) -> None:
    """Set what is seen to a value: a few cells of each row, so no pass over all of them."""
    array.reshape(-1)[block.seen_row * array.shape[1] + block.seen] = value


def count_true(flags: np.ndarray) -> np.ndarray:
    """int64 [rows]: how many of each row's flags are set."""
    # The narrowest sum that cannot overflow: NumPy's own count along an axis widens every flag first.
    narrow = np.uint16 if flags.shape[1] < 2**16 else np.uint32
    return np.asarray(flags.view(np.uint8).sum(axis=1, dtype=narrow), np.int64)


def floors(scores: np.ndarray, k: int) -> np.ndarray:
    """A floor under the k-th best score of each row, float32 [rows].

    Columns fall into groups by `column % groups`; the k-th best of the groups' maxima is at most the k-th best score.
    So no partition of whole rows is needed, and the maxima are a sweep over contiguous memory. Of a large catalogue a
    quarter of the columns is enough: the floor is lower, and some more columns are found above it.
    """
    rows, columns = scores.shape
    groups = min(columns, 1 << (8 * k - 1).bit_length())
    stretches = scores[:, : columns // groups * groups].reshape(rows, -1, groups)
    best = stretches[:, :: 4 if stretches.shape[1] >= 8 else 1].max(axis=1)
    at: np.ndarray = np.partition(best, groups - k, axis=1)[:, groups - k]
    return at


def best_places(scores: np.ndarray, reaching: np.ndarray, k: int) -> Best:
    """The k best of each row, of the scores that may be among them.

    Args:
        scores: float32 [rows, columns].
        reaching: int64 [n] flat positions in scores, rising.
    """
    rows, columns = scores.shape
    row, column = np.divmod(reaching, columns)
    starts = np.searchsorted(row, np.arange(rows + 1))
    place = np.arange(len(row)) - starts[row]
    table = np.full((rows, int(np.diff(starts).max(initial=1))), np.inf, np.float32)
    table[row, place] = -scores.reshape(-1)[reaching]
    order = np.argsort(table, axis=1, kind="stable")[:, :k]
    kept = np.arange(order.shape[1]) < np.diff(starts)[:, None]
    rows_of, places = np.nonzero(kept)
    return Best(column[(starts[:-1, None] + order)[kept]], places, rows_of)
