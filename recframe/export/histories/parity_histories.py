"""The histories that an export is compared on: real ones before test targets, with the trained model's answers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import frozen

from recframe.data.prepare import PreparedData
from recframe.data.sequences import histories
from recframe.data.splits import TEST
from recframe.evaluation.keras_scorer import KerasScorer
from recframe.evaluation.rank_metrics import main_metrics
from recframe.evaluation.ranking import ranks_and_lists
from recframe.evaluation.scorers import TargetScorer
from recframe.export.histories.app_histories import AppHistories
from recframe.export.histories.raw_histories import RawHistories, app_histories
from recframe.model.trained_model import TrainedModel
from recframe.plugin.exporting import HeldOut


@frozen(eq=False)
class ParityHistories:
    """The histories that the exports of a model are compared on.

    Attributes:
        inputs: Real inputs, [histories, *shape of the feature] by feature. Their vectors also guide the rounding of
            tables.
        held_out: The test targets that the exports are measured on; None: they are not measured.
        of_apps: Histories in raw values, of which an app must make the inputs that training made; None: these are not
            compared, and golden.json holds inputs alone.
    """

    inputs: Mapping[str, np.ndarray]
    held_out: HeldOut | None = None
    of_apps: AppHistories | None = None


#: One history in EVERY is cut short, one has gaps, and one in twice EVERY is empty.
EVERY = 8


def parity_histories(trained: TrainedModel, data: PreparedData) -> ParityHistories:
    """The histories that a model's exports are compared on, from the data that it was trained on."""
    spec = trained.spec
    scorer = KerasScorer(trained.model, spec.evaluation.batch_size)
    return ParityHistories(
        held_out_inputs(data, spec.export.parity_histories),
        _held_out(data, scorer.by_target(data), scorer.batch, spec.model.num_predictions),
        app_histories(data, spec.export.golden_examples),
    )


def held_out_inputs(data: PreparedData, limit: int) -> dict[str, np.ndarray]:
    """Inputs before up to `limit` test targets, spread over the users, by feature.

    Most are whole. As in an app, a few are cut to their last 1 to 4 events, a few have unknown ids between the others,
    and a few are empty.
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


def _held_out(data: PreparedData, trained: TargetScorer, batch: int, k: int) -> HeldOut | None:
    """The test targets with the histories before them and the trained model's answers; None without test targets.

    Args:
        trained: The trained model's scorer.
        batch: Histories read at once.
        k: How many items an export recommends.
    """
    targets, k = data.targets(TEST), min(10, k, data.num_items)
    if not len(targets):
        return None
    raw = RawHistories(data)
    ranks, lists = ranks_and_lists(trained, data, targets, k, batch)
    metrics = main_metrics(ranks, (k,))
    return HeldOut(
        histories=lambda: map(raw.before, targets.tolist()),
        targets=data.labels[targets],
        lists=lists,
        trained={name: metrics[name] for name in (f"recall@{k}", f"ndcg@{k}")},
    )
