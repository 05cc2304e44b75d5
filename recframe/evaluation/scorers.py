"""The types of scorers, which compute the scores of items for the histories of users, in blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from attrs import frozen

from recframe.data.prepare import PreparedData
from recframe.data.sequences import histories

#: Takes inputs by feature, each [rows, length], and returns scores float32 [rows, labels].
Scorer = Callable[[Mapping[str, np.ndarray]], np.ndarray]
#: Takes a slice of the labels and an array float32 [rows, labels of the slice], and fills the array with their scores.
#: A repeated call must give the same bits, since ranks compare a score with one of an earlier call.
ColumnScorer = Callable[[slice, np.ndarray], None]
#: Takes a slice of the rows of a batch, and returns a scorer of their labels.
RowScorer = Callable[[slice], ColumnScorer]
#: Takes inputs by feature, each [rows, length], and returns a scorer of these rows. Several threads call it.
InputScorer = Callable[[Mapping[str, np.ndarray]], RowScorer]
#: Takes targets, int64 [rows] events, and returns a scorer of these rows, which reads the events before each. Several
#: threads call it. It works in steps, since many histories are read at once, but only a block of scores fits into the
#: processor's cache.
TargetScorer = Callable[[np.ndarray], RowScorer]


def by_target(scorer: Scorer, data: PreparedData) -> TargetScorer:
    """A scorer of targets from a scorer of inputs. It scores all labels of the rows at once."""
    return by_rows(lambda targets: from_scores(scorer(histories(data, targets))))


def by_rows(score: Callable[[np.ndarray], ColumnScorer]) -> TargetScorer:
    """A scorer of targets from a function, which is called with a few targets at a time."""

    def scorer(targets: np.ndarray) -> RowScorer:
        def score_rows(rows: slice) -> ColumnScorer:
            return score(targets[rows])

        return score_rows

    return scorer


def from_scores(scores: np.ndarray) -> ColumnScorer:
    """A scorer that returns scores that exist already, float32 [rows, labels]."""

    def score_columns(columns: slice, out: np.ndarray) -> None:
        out[:] = scores[:, columns]

    return score_columns


@frozen
class Tile:
    """How many rows and how many labels are scored and ranked at once."""

    rows: int
    columns: int


#: Size of the scores of a block. A core's share of the cache holds them and the arrays that rank them.
BLOCK_BYTES = 3 << 20
#: With fewer rows the cost of each call is noticeable, and the products read the label table too often.
LEAST_ROWS = 64
#: A block holds all labels if they are at most MOST_COLUMNS, else COLUMNS labels for ROWS rows. COLUMNS is not a power
#: of two: the rows of a block would then share lines of the cache, and a product would take up to three times as long.
MOST_COLUMNS, COLUMNS, ROWS = 32_000, 4_104, 256


def tile_of(batch: int, labels: int) -> Tile:
    """The size of a block for batches of `batch` rows.

    >>> tile_of(512, 3_417), tile_of(512, 1_000_001), tile_of(8, 1_000_001)
    (Tile(rows=230, columns=3417), Tile(rows=256, columns=4104), Tile(rows=8, columns=4104))
    """
    if labels <= MOST_COLUMNS:
        return Tile(min(batch, max(LEAST_ROWS, BLOCK_BYTES // (4 * labels))), labels)
    return Tile(min(batch, ROWS), COLUMNS)
