"""What an export is compared on: real histories before test targets, and how well the test targets are found."""

from __future__ import annotations

import numpy as np

from recframe.data.prepare import PreparedData
from recframe.data.sequences import histories
from recframe.data.splits import TEST
from recframe.evaluation.rank_metrics import main_metrics
from recframe.evaluation.ranking import best_items, rank_targets
from recframe.evaluation.scorers import TargetScorer
from recframe.export.context import HeldOut
from recframe.training.raw_histories import RawHistories

#: Of every so many histories one is cut short, one has gaps, and of twice as many one is empty.
EVERY = 8


def held_out_histories(data: PreparedData, limit: int) -> dict[str, np.ndarray]:
    """Inputs before up to `limit` test targets, spread over the users, by feature.

    Most are as they are; some are cut to their last 1 to 4 events, some have unknown ids between the others, and some
    are empty, as an app's are.
    """
    targets = data.targets(TEST)
    chosen = targets[np.unique(np.linspace(0, len(targets) - 1, min(limit, len(targets))).astype(int))]
    inputs = histories(data, chosen)
    rows = np.arange(len(chosen))
    for events in range(1, 5):
        short = np.flatnonzero(rows % (4 * EVERY) == EVERY * (events - 1) + 1)
        if len(short):
            for name, values in histories(data, chosen[short], latest=events).items():
                inputs[name][short] = values
    gaps, empty = rows % EVERY == 3, rows % (2 * EVERY) == 5
    for name, values in inputs.items():
        if data.features[name].vocabulary:
            values[np.ix_(gaps, np.arange(values.shape[1]) % 3 == 1)] = 0
        values[empty] = 0
    return inputs


def held_out_targets(data: PreparedData, trained: TargetScorer, batch: int, k: int) -> HeldOut | None:
    """The test targets with the histories before them, and what the trained model answers; None where there are none.

    Args:
        trained: The trained model's scorer.
        batch: Histories read at once.
        k: How many items an export recommends.
    """
    targets, k = data.targets(TEST), min(10, k, data.num_items)
    if not len(targets):
        return None
    raw = RawHistories(data)
    ranks = rank_targets(trained, data, targets, (k,), batch)[data.exclude_seen].ranks
    metrics = main_metrics(ranks, (k,))
    return HeldOut(
        histories=lambda: map(raw.before, targets.tolist()),
        targets=data.labels[targets],
        lists=best_items(trained, data, targets, k, batch),
        trained={name: metrics[name] for name in (f"recall@{k}", f"ndcg@{k}")},
    )
