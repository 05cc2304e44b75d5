"""What metrics.json says of a scorer: figures with and without seen items, intervals, segments, comparators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from recframe.data.prepare import PreparedData
from recframe.data.splits import TEST, VALIDATION
from recframe.evaluation.baselines import BASELINES
from recframe.evaluation.intervals import intervals
from recframe.evaluation.list_metrics import ItemFacts
from recframe.evaluation.rank_metrics import gain_columns, main_metrics
from recframe.evaluation.ranking import rank_targets, require_items, silent
from recframe.evaluation.scorers import TargetScorer
from recframe.evaluation.segments import segment_metrics
from recframe.spec.experiment import EvaluationSpec


def require_measurable(data: PreparedData, spec: EvaluationSpec) -> None:
    """Raise SpecError where the evaluation asks for what the data does not have."""
    require_items(data, spec.top_k)
    ItemFacts.of(data, spec.category)


def baselines_of(data: PreparedData, spec: EvaluationSpec) -> list[str]:
    """The comparators of the spec that the data has what they need for."""
    return [name for name in spec.baselines if name != "recent_popularity" or data.interactions.timed]


def measure_all(
    scorer: TargetScorer, data: PreparedData, spec: EvaluationSpec, seed: int, say: Callable[[str], None] = silent
) -> dict[str, Any]:
    """`baselines`, `validation` and `test`, as metrics.json names them.

    Args:
        say: Receives the progress, if it takes long.
    """
    facts = ItemFacts.of(data, spec.category)
    return {
        "baselines": {
            name: measure(BASELINES[name](data, spec), data, TEST, spec, facts, seed, say)
            for name in baselines_of(data, spec)
        },
        "validation": measure(scorer, data, VALIDATION, spec, facts, seed, say),
        "test": measure(scorer, data, TEST, spec, facts, seed, say),
    }


def measure(
    scorer: TargetScorer,
    data: PreparedData,
    part: int,
    spec: EvaluationSpec,
    facts: ItemFacts,
    seed: int,
    say: Callable[[str], None] = silent,
) -> dict[str, Any]:
    """Every metric by name; for validation also the objective, and for test `intervals` and `segments`.

    Items that the user had before are left out as `data.exclude_seen` says; what the figures would be otherwise stands
    under `with_seen` or `without_seen`.
    """
    targets = data.targets(part)
    ranks = rank_targets(scorer, data, targets, spec.top_k, spec.batch_size, facts, say)
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


def ranked_by(data: PreparedData, spec: EvaluationSpec) -> int:
    """How many targets `measure_all` ranks, each scorer's counted."""
    return len(data.targets(VALIDATION)) + (1 + len(baselines_of(data, spec))) * len(data.targets(TEST))
