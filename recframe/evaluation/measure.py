"""Computes the figures of metrics.json: metrics with and without seen items, intervals, segments, comparators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from recframe.data.prepare import PreparedData
from recframe.data.splits import TEST, VALIDATION
from recframe.evaluation.baselines import BASELINES
from recframe.evaluation.intervals import intervals
from recframe.evaluation.list_metrics import ItemStatistics
from recframe.evaluation.rank_metrics import gain_columns, main_metrics
from recframe.evaluation.ranking import no_notes, rank_targets, require_enough_items
from recframe.evaluation.scorers import TargetScorer
from recframe.evaluation.segments import segment_metrics
from recframe.spec.experiment import EvaluationSpec


def require_measurable(data: PreparedData, spec: EvaluationSpec) -> None:
    """Raise SpecError if the data lacks something that the evaluation needs."""
    require_enough_items(data, spec.top_k)
    ItemStatistics.of(data, spec.category)


def usable_baselines(data: PreparedData, spec: EvaluationSpec) -> list[str]:
    """The comparators of the spec that can be computed on the data: recent_popularity needs times."""
    return [name for name in spec.baselines if name != "recent_popularity" or data.interactions.timed]


def measure_all(
    scorer: TargetScorer, data: PreparedData, spec: EvaluationSpec, seed: int, say: Callable[[str], None] = no_notes
) -> dict[str, Any]:
    """The figures under `baselines`, `validation` and `test` in metrics.json.

    Args:
        say: Receives notes on the progress, if it takes long.
    """
    item_statistics = ItemStatistics.of(data, spec.category)
    return {
        "baselines": {
            name: measure(BASELINES[name](data, spec), data, TEST, spec, item_statistics, seed, say)
            for name in usable_baselines(data, spec)
        },
        "validation": measure(scorer, data, VALIDATION, spec, item_statistics, seed, say),
        "test": measure(scorer, data, TEST, spec, item_statistics, seed, say),
    }


def measure(
    scorer: TargetScorer,
    data: PreparedData,
    part: int,
    spec: EvaluationSpec,
    item_statistics: ItemStatistics,
    seed: int,
    say: Callable[[str], None] = no_notes,
) -> dict[str, Any]:
    """Every metric by name; for validation also the objective, and for test `intervals` and `segments`.

    `data.exclude_seen` decides whether items that the user had are left out. The figures of the other choice stand
    under `with_seen` or `without_seen`.
    """
    targets = data.targets(part)
    ranks = rank_targets(scorer, data, targets, spec.top_k, spec.batch_size, item_statistics, say)
    deciding, other = ranks[data.exclude_seen], ranks[not data.exclude_seen]
    figures: dict[str, Any] = {
        **deciding.metrics(spec.top_k),
        "with_seen" if data.exclude_seen else "without_seen": other.metrics(spec.top_k),
    }
    if part == VALIDATION and spec.objective not in figures:
        figures |= main_metrics(deciding.ranks, [int(spec.objective.partition("@")[2])])
    if part == TEST:
        names, values = gain_columns(deciding.ranks, spec.top_k)
        ends = intervals(values, data.users[targets], seed).T
        figures["intervals"] = {name: [float(low), float(high)] for name, (low, high) in zip(names, ends, strict=True)}
        figures["segments"] = segment_metrics(data, targets, deciding.ranks, spec.top_k)
    return figures


def count_ranked_targets(data: PreparedData, spec: EvaluationSpec) -> int:
    """The number of targets that `measure_all` ranks, summed over all scorers."""
    return len(data.targets(VALIDATION)) + (1 + len(usable_baselines(data, spec))) * len(data.targets(TEST))
