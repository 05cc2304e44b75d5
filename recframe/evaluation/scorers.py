"""What evaluation asks of a model or a comparator: scores of every item for what a user had."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from recframe.data.prepare import PreparedData
from recframe.data.sequences import histories

#: Inputs by feature, each [rows, length] -> scores float32 [rows, labels].
Scorer = Callable[[Mapping[str, np.ndarray]], np.ndarray]
#: Some of the rows of a batch -> scores float32 [rows, labels].
RowScorer = Callable[[slice], np.ndarray]
#: Targets, int64 [rows] events -> what scores these rows from the events before each. Called by several threads.
#: In two steps, as many histories are read at once, but only so many scored as fit into the processor's cache.
TargetScorer = Callable[[np.ndarray], RowScorer]


def by_target(scorer: Scorer, data: PreparedData) -> TargetScorer:
    """The scorer of inputs as one that takes targets."""
    return by_rows(lambda targets: scorer(histories(data, targets)))


def by_rows(score: Callable[[np.ndarray], np.ndarray]) -> TargetScorer:
    """A function from targets to scores float32 [rows, labels] as one that is asked for some of them at a time."""

    def scorer(targets: np.ndarray) -> RowScorer:
        def score_rows(rows: slice) -> np.ndarray:
            return score(targets[rows])

        return score_rows

    return scorer


#: Of the scores of a block: what a core's share of the cache holds beside the arrays that rank them.
BLOCK_BYTES = 3 << 20
#: Rows below which the cost of a call shows, whatever the size of the catalogue.
LEAST_ROWS = 16


def rows_at_once(batch: int, labels: int) -> int:
    """Rows to score and rank at once: `batch`, or fewer where a block of their float32 scores would be too large.

    >>> rows_at_once(512, 3_417), rows_at_once(512, 27_001), rows_at_once(8, 10_000_000)
    (230, 29, 8)
    """
    return min(batch, max(LEAST_ROWS, BLOCK_BYTES // (4 * labels)))
