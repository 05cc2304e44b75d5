"""The data of a run: reads the spec's dataset, or takes interactions from Python, and prepares them."""

from __future__ import annotations

from collections.abc import Callable

from recframe.data.prepare import PreparedData, prepare
from recframe.data.vocabularies import Vocabularies
from recframe.errors import RecframeError
from recframe.files.cache import cache_folder
from recframe.interactions.interactions import Interactions
from recframe.interactions.validity import fault_of, require_valid
from recframe.plugin.origin import blamed, refusal
from recframe.plugin.registry import Registries
from recframe.plugin.types import DatasetContext
from recframe.runs.earlier_runs import vocabularies_from
from recframe.runs.memory_needed import require_memory
from recframe.spec.experiment import ExperimentSpec


def load_data(
    spec: ExperimentSpec, registries: Registries, say: Callable[[str], None], old: Vocabularies | None = None
) -> PreparedData:
    """Read the dataset and prepare it.

    Args:
        old: Vocabularies whose ids are kept; None for those of `dataset.vocabulary_from`, if it is set.
    """
    old = old or vocabularies_from(spec)  # first, so that a wrong folder is reported before the data is read
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
    """Prepare interactions that were made in Python."""
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
        for note in interactions.notes:  # these notes often explain the error
            say(note)
        raise
    for note in data.all_notes:
        say(note)
    return data
