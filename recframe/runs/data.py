"""The data of a run: read by the spec's dataset, or given in Python, and prepared."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from recframe.data.prepare import PreparedData, prepare
from recframe.data.vocabularies import Vocabularies
from recframe.errors import RecframeError
from recframe.interactions.interactions import Interactions
from recframe.interactions.validity import fault_of, require_valid
from recframe.plugin.origin import blamed, refusal
from recframe.plugin.registry import Registries
from recframe.plugin.types import DatasetContext
from recframe.runs.earlier import vocabularies_from
from recframe.runs.memory_needed import require_memory
from recframe.spec.experiment import ExperimentSpec


def cache_folder() -> Path:
    """Where downloads are kept: XDG_CACHE_HOME/recframe, by default ~/.cache/recframe."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "recframe"


def load_data(
    spec: ExperimentSpec, registries: Registries, say: Callable[[str], None], old: Vocabularies | None = None
) -> PreparedData:
    """Read the dataset and prepare it.

    Args:
        old: Ids that are kept; None: those of `dataset.vocabulary_from`, if any.
    """
    old = old or vocabularies_from(spec)  # a wrong folder is reported before the data is read
    context = DatasetContext(seed=spec.seed, cache=cache_folder(), say=say)
    dataset = registries.datasets[spec.dataset.type]
    interactions = dataset.load(spec.dataset.options, context)
    with blamed(dataset, "when its interactions are looked at"):
        fault = fault_of(interactions)
    if fault:
        raise refusal(dataset, f"gives unusable data in `load`: {fault}", dataset.load)
    return _prepared(spec, registries, interactions, say, old)


def data_of(
    spec: ExperimentSpec, registries: Registries, interactions: Interactions, say: Callable[[str], None]
) -> PreparedData:
    """Prepare interactions that the user has in Python."""
    require_valid(interactions, "data")
    return _prepared(spec, registries, interactions, say, vocabularies_from(spec))


def _prepared(
    spec: ExperimentSpec,
    registries: Registries,
    interactions: Interactions,
    say: Callable[[str], None],
    old: Vocabularies | None,
) -> PreparedData:
    require_memory(spec, registries, interactions, say)
    try:
        data = prepare(spec, registries, interactions, old)
    except RecframeError:
        for note in interactions.notes:  # these notes often say why
            say(note)
        raise
    for note in data.all_notes:
        say(note)
    return data
