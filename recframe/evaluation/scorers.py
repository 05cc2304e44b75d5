"""What evaluation asks of a model or a comparator: scores of every item for what a user had."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from recframe.data.prepare import PreparedData
from recframe.data.sequences import histories

#: Inputs by feature, each [rows, length] -> scores float32 [rows, labels].
Scorer = Callable[[Mapping[str, np.ndarray]], np.ndarray]
#: Targets, int64 [rows] events -> scores float32 [rows, labels] from the events before each. Called by several threads.
TargetScorer = Callable[[np.ndarray], np.ndarray]


def by_target(scorer: Scorer, data: PreparedData) -> TargetScorer:
    """The scorer of the model's inputs as one that takes targets."""
    return lambda targets: scorer(histories(data, targets))


#: Of the scores of a block. From 32 MiB on glibc gives memory back to the system and asks for it anew at every block.
BLOCK_BYTES = 28 << 20
#: Rows below which the cost of a call shows, whatever the size of the catalogue.
LEAST_ROWS = 16


def rows_at_once(batch: int, labels: int) -> int:
    """Rows to score and rank at once: `batch`, or fewer where a block of their float32 scores would be too large.

    >>> rows_at_once(512, 3_417), rows_at_once(512, 27_001), rows_at_once(8, 10_000_000)
    (512, 271, 8)
    """
    return min(batch, max(LEAST_ROWS, BLOCK_BYTES // (4 * labels)))
