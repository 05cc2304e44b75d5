"""Segments of the targets that a mean over all targets hides: short histories, rare items, users without training."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from recframe.data.prepare import PreparedData
from recframe.data.splits import TRAIN
from recframe.evaluation.rank_metrics import main_metrics

#: The smallest number of events in each bucket of history lengths.
LENGTHS = (1, 5, 10, 20, 50)
#: A user with fewer training events than this is `short`, and one without any is `cold`.
SHORT = 5


def segments(data: PreparedData, targets: np.ndarray) -> dict[str, dict[str, np.ndarray]]:
    """bool [targets] by segment of `history_length`, `item_popularity` and `user`; each target is in one of each."""
    length = targets - data.interactions.offsets[data.users[targets]]
    bucket = np.searchsorted(LENGTHS, length, side="right") - 1
    names = [*(f"{low}-{high - 1}" for low, high in pairwise(LENGTHS)), f"{LENGTHS[-1]}+"]
    known = np.bincount(data.users[data.split.parts == TRAIN], minlength=data.interactions.num_users)[data.users]
    level = np.searchsorted((1, SHORT), known[targets], side="right")
    third = popularity_thirds(data.label_counts)[data.labels[targets]]
    return {
        "history_length": {name: bucket == at for at, name in enumerate(names)},
        "item_popularity": {name: third == at for at, name in enumerate(("head", "middle", "tail"))},
        "user": {name: level == at for at, name in enumerate(("cold", "short", "warm"))},
    }


def popularity_thirds(counts: np.ndarray) -> np.ndarray:
    """The third of the training events that an item belongs to, int64 [labels].

    0 for the most popular items, which have a third of all training events, 1 for the items of the next third, and 2
    for the rest, including items without events. An item across a border belongs to the more popular side.
    """
    order = np.argsort(-counts, kind="stable")
    before = np.empty(len(counts), np.int64)
    before[order] = np.cumsum(counts[order]) - counts[order]
    return np.minimum(3 * before // max(int(counts.sum()), 1), 2)


def segment_metrics(
    data: PreparedData, targets: np.ndarray, ranks: np.ndarray, cutoffs: Sequence[int]
) -> dict[str, dict[str, dict[str, float]]]:
    """The number of targets and the main metrics of each segment that has targets."""
    return {
        kind: {
            name: {"targets": int(np.count_nonzero(inside)), **main_metrics(ranks[inside], cutoffs)}
            for name, inside in parts.items()
            if inside.any()
        }
        for kind, parts in segments(data, targets).items()
    }
