"""A sentence on the quality of a run: how the model stands beside the best comparator, and what to try if it loses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recframe.reporting.figures import format_half_interval, format_metric, usual_cutoff
from recframe.spec.experiment import ExperimentSpec, ModelSpec


def verdict(metrics: Mapping[str, Any], spec: ExperimentSpec) -> str:
    """The sentence; empty if there is no comparator.

    Args:
        metrics: As in metrics.json.
    """
    test, comparators = metrics["test"], metrics["baselines"]
    name = f"ndcg@{usual_cutoff(test)}"
    if not comparators or name not in test:
        return ""
    best = max(comparators, key=lambda each: comparators[each][name])
    half = format_half_interval(test, name)
    own = f"{format_metric(name, test[name])}{f' ± {half}' if half else ''}"
    figures = f"on test {name}, {own} against {format_metric(name, comparators[best][name])}"
    low, high = test.get("intervals", {}).get(name, (test[name], test[name]))
    comparator = best.replace("_", " ")
    if low > comparators[best][name]:
        return f"ahead of {comparator}, the best comparator, {figures}"
    if high >= comparators[best][name]:
        return f"level with {comparator}, the best comparator, {figures}: the difference may be chance"
    return f"behind {comparator} {figures}: try {_advice(metrics, spec)}"


def _advice(metrics: Mapping[str, Any], spec: ExperimentSpec) -> str:
    """Overrides that are likely to help."""
    epochs = [point["ndcg@10"] for point in metrics["training"] if "ndcg@10" in point]
    if epochs and len(epochs) == spec.train.epochs and max(epochs) in epochs[-2:]:
        return f"train.epochs={3 * spec.train.epochs}, since validation still improved"
    if spec.model.embedding_start != "cooccurrence":
        return "model.embedding_start=cooccurrence"
    if spec.model.width < (usual := ModelSpec().width):
        return f"model.width={usual}"
    return "encoder=bow encoder.decay=true" if spec.encoder.type != "bow" else "encoder=lstm encoder.residual=true"
