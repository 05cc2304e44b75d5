"""What evaluation asks of a model or a comparator: scores of the items for what a user had, block by block."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from attrs import frozen

from recframe.data.prepare import PreparedData
from recframe.data.sequences import histories

#: Inputs by feature, each [rows, length] -> scores float32 [rows, labels].
Scorer = Callable[[Mapping[str, np.ndarray]], np.ndarray]
#: Some of the labels, and an array float32 [rows, those labels] that is filled with their scores. The same call fills
#: in the same bits: ranks compare a score with one of an earlier call.
ColumnScorer = Callable[[slice, np.ndarray], None]
#: Some of the rows of a batch -> what scores labels for these.
RowScorer = Callable[[slice], ColumnScorer]
#: Targets, int64 [rows] events -> what scores these rows from the events before each. Called by several threads.
#: In steps, as many histories are read at once, but only so much is scored as fits into the processor's cache.
TargetScorer = Callable[[np.ndarray], RowScorer]


def by_target(scorer: Scorer, data: PreparedData) -> TargetScorer:
    """The scorer of inputs as one that takes targets; it scores all labels of the rows at once."""
    return by_rows(lambda targets: from_scores(scorer(histories(data, targets))))


def by_rows(score: Callable[[np.ndarray], ColumnScorer]) -> TargetScorer:
    """A function of targets as a scorer that is asked for some of them at a time."""

    def scorer(targets: np.ndarray) -> RowScorer:
        def score_rows(rows: slice) -> ColumnScorer:
            return score(targets[rows])

        return score_rows

    return scorer


def from_scores(scores: np.ndarray) -> ColumnScorer:
    """The scorer of scores that are there already, float32 [rows, labels]."""

    def score_columns(columns: slice, out: np.ndarray) -> None:
        out[:] = scores[:, columns]

    return score_columns


@frozen
class Tile:
    """How many rows and how many labels are scored and ranked at once."""

    rows: int
    columns: int


#: Of the scores of a block: what a core's share of the cache holds beside the arrays that rank them.
BLOCK_BYTES = 3 << 20
#: Rows below which the cost of a call shows, and a product that reads the label table so often.
LEAST_ROWS = 64
#: Labels up to which a block holds all of them, and how many it holds of more, for how many rows. With a power of two
#: the rows of a block would fall on the same places of the cache, and a product takes up to three times as long.
MOST_COLUMNS, COLUMNS, ROWS = 32_000, 4_104, 256


def tile_of(batch: int, labels: int) -> Tile:
    """The block for batches of that many rows.

    >>> tile_of(512, 3_417), tile_of(512, 1_000_001), tile_of(8, 1_000_001)
    (Tile(rows=230, columns=3417), Tile(rows=256, columns=4104), Tile(rows=8, columns=4104))
    """
    if labels <= MOST_COLUMNS:
        return Tile(min(batch, max(LEAST_ROWS, BLOCK_BYTES // (4 * labels))), labels)
    return Tile(min(batch, ROWS), COLUMNS)
