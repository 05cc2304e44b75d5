"""A model that is not in a bundle yet, asked as `recframe.runtime` asks a bundle."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from recframe.export.interface import model_interface
from recframe.export.items import item_table
from recframe.plugin.catalogue import Catalogue
from recframe.plugin.exporting import RawHistory, ServingGraph
from recframe.runtime.recommender import Ask, Recommender
from recframe.spec.experiment import DYNAMIC, ExperimentSpec


def recommender_of(
    spec: ExperimentSpec,
    catalogue: Catalogue,
    module: ServingGraph,
    ask: Ask,
    ask_scores: Ask | None,
    name: str,
    drops_history: bool = False,
) -> Recommender:
    """What answers as the bundle will.

    Args:
        module: What the model is made of.
        ask: Its answers, by the signature `serving_default`.
        ask_scores: The scores of all items; None where an app of this model has no signature `scores` to ask.
        name: What messages call it.
        drops_history: Whether an app of this model never shows what the history holds, whatever exclude_seen is.
    """
    vocabularies = {name: feature.vocabulary for name, feature in catalogue.features.items() if feature.vocabulary}
    facts = model_interface(spec, catalogue, module)
    if facts["batch"] == DYNAMIC:
        facts["batch"] = 1  # asked about one history at a time, as most apps do
    if drops_history:
        facts["exclude_seen"] = True
    # As they are read again from items.json.
    items = json.loads(json.dumps(item_table(catalogue)))
    return Recommender(facts, {**vocabularies, "label": catalogue.labels}, items, ask, ask_scores, name)


def encoded(recommender: Recommender, histories: Sequence[RawHistory]) -> dict[str, np.ndarray]:
    """What the model reads of histories, [histories, *shape] by feature."""
    return recommender.encode(
        [raw.items for raw in histories], [raw.values for raw in histories], [raw.timestamps for raw in histories]
    )
