"""Asks a model that is not in a bundle yet, as `recframe.runtime` asks a bundle."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from recframe.export.bundle_files.interface import model_interface
from recframe.export.bundle_files.items import item_table
from recframe.plugin.catalogue import Catalogue
from recframe.plugin.exporting import RawHistory, ServingGraph
from recframe.runtime.recommender import Ask, Recommender
from recframe.runtime.requests import Question
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
    """A recommender that answers as the bundle will.

    Args:
        module: The graph that the model was converted from.
        ask: Calls the signature `serving_default`.
        ask_scores: Calls the signature `scores`; None where an app of this model has no such signature.
        name: The model's name in messages.
        drops_history: Whether an app of this model never shows an item of the history, whatever exclude_seen is.
    """
    vocabularies = {name: feature.vocabulary for name, feature in catalogue.features.items() if feature.vocabulary}
    facts = model_interface(spec, catalogue, module)
    if facts["batch"] == DYNAMIC:
        facts["batch"] = 1  # most apps ask about one history at a time
    if drops_history:
        facts["exclude_seen"] = True
    # JSON changes types, so these are the items as an app reads them from items.json.
    items = json.loads(json.dumps(item_table(catalogue)))
    return Recommender(facts, {**vocabularies, "label": catalogue.labels}, items, ask, ask_scores, name)


def encoded(recommender: Recommender, histories: Sequence[RawHistory]) -> dict[str, np.ndarray]:
    """The model's inputs for histories, [histories, *shape] by feature."""
    return recommender.encode(
        [Question(raw.items, given=raw.values, timestamps=raw.timestamps, now=raw.now) for raw in histories]
    )
