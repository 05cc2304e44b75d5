"""Adapts a spec to a catalogue that has fewer items than the spec's lists are long."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from recframe.spec.experiment import ExperimentSpec


def within_catalogue(spec: ExperimentSpec, items: int, say: Callable[[str], None]) -> ExperimentSpec:
    """The spec with lists that are no longer than the catalogue. `say` receives a note for each list that was cut.

    Args:
        items: Number of items in the catalogue.
    """
    cutoffs, k = spec.evaluation.top_k, spec.model.num_predictions
    fitting = tuple(cutoff for cutoff in cutoffs if cutoff <= items) or (items,)
    if fitting != cutoffs:
        say(f"evaluation.top_k: the catalogue has {items:,} items, so {list(cutoffs)} becomes {list(fitting)}")
    if k > items:
        say(f"model.num_predictions: the catalogue has {items:,} items, so {k} becomes {items}")
    return attrs.evolve(
        spec,
        evaluation=attrs.evolve(spec.evaluation, top_k=fitting),
        model=attrs.evolve(spec.model, num_predictions=min(k, items)),
    )
