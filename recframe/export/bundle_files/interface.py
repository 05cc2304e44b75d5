"""The manifest's description of a model's inputs and outputs: all that an app must know to call the model."""

from __future__ import annotations

from typing import Any

import numpy as np

from recframe.export.graph.serving import ANSWER, SCORES
from recframe.plugin.catalogue import Catalogue, FeatureInfo
from recframe.plugin.exporting import ServingGraph
from recframe.runtime.encoding import TIME_UNITS
from recframe.spec.convert import unstructure
from recframe.spec.experiment import MODEL_MAKER, NOW, ExperimentSpec

#: The facts of an input that lists label ids, in place of a feature's facts.
_LIST_FACTS: dict[str, Any] = {
    "vocabulary": "vocab/label.txt",
    "source": None,
    "of_event": False,
    "scope": None,
    "values": "one",
    "steps": None,
    "padding": "right",
    "truncation": None,
    "statistics": {},
}


def model_interface(spec: ExperimentSpec, catalogue: Catalogue, module: ServingGraph) -> dict[str, Any]:
    """The part of the manifest that `recframe.runtime.Recommender` reads."""
    scopes = spec.scopes
    inputs = [
        {"name": name, "shape": _shape(tensor), "dtype": tensor.dtype.name}
        | (
            {"role": "feature", **_input_facts(name, catalogue.features[name], scopes[name], spec.model.history_length)}
            if name in catalogue.features
            else _LIST_FACTS | {"role": name.removesuffix("_ids")}
        )
        for name, tensor in module.inputs.items()
    ]
    before = [] if module.batch == MODEL_MAKER else _shape(next(iter(module.inputs.values())))[:1]
    answer = [*before, module.k]
    outputs = [
        {"name": "top_prediction_ids", "shape": answer, "dtype": "int32", "vocabulary": "vocab/label.txt"},
        {"name": "top_prediction_scores", "shape": answer, "dtype": "float32"},
    ]
    scores = {"name": "scores", "shape": [*before, len(catalogue.labels)], "dtype": "float32"}
    signatures = {ANSWER: {"outputs": outputs}, SCORES: {"outputs": [scores]}}
    return {
        "signature": ANSWER,
        "batch": module.batch,
        "inputs": inputs,
        "outputs": outputs,
        "signatures": {name: signatures[name] for name in module.signatures},
        "items": int(np.count_nonzero(catalogue.known)),
        "exclude_seen": catalogue.exclude_seen,
        "excluded_events": _excluded_events(catalogue),
        "spec": unstructure(spec),
    }


def _excluded_events(catalogue: Catalogue) -> int:
    """How many of the latest events the graph leaves out by itself: the events whose label ids it reads."""
    lengths = [catalogue.features[name].length for name in catalogue.item_features]
    return max(lengths, default=0) if catalogue.exclude_seen else 0


def _shape(tensor: Any) -> list[int]:
    """-1 for any size."""
    return [-1 if size is None else int(size) for size in tensor.shape]


def _input_facts(name: str, feature: FeatureInfo, scope: str, history_length: int) -> dict[str, Any]:
    """How an input's values are made. `recframe.data.features` and `recframe.runtime` both make them this way.

    `steps` is how many of the latest events are read; it is null for an input of the user or the moment of asking.
    `truncation` says which values are cut: those of events too old for `steps`, or, if the values of all steps stand in
    one row, also the newest beyond its length. If the `values` of a step are pooled, the shape's last number says how
    many are read.
    The values of an input `of_event` are not in items.json, although a field there may have the source's name.
    `recframe.runtime.encoding` makes ids and numbers from the `statistics` and the vocabulary.
    """
    if scope != "history":
        steps, truncation = None, None
    elif feature.flattened:
        steps, truncation = history_length, "newest"
    else:
        steps, truncation = feature.length, "oldest"
    return {
        "vocabulary": f"vocab/{name}.txt" if feature.vocabulary else None,
        "source": feature.spec.source,
        "of_event": feature.of_event,
        "scope": scope,
        "values": "flattened" if feature.flattened else "one" if feature.values is None else "pooled",
        "steps": steps,
        "padding": "right",
        "truncation": truncation,
        "statistics": dict(feature.statistics),
        **({"unit": TIME_UNITS[feature.spec.source], "default": feature.default} if scope == NOW else {}),
    }
