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
