"""A tiny model, untrained, as the context of an exporter."""

from __future__ import annotations

import functools
from pathlib import Path

import attrs
import numpy as np

from recframe.config import compose
from recframe.data.prepare import prepare
from recframe.export.context import make_context
from recframe.export.histories.parity_histories import parity_histories
from recframe.model.dual_encoder import build_model
from recframe.model.trained_model import TrainedModel
from recframe.plugin.exporting import ExportContext
from recframe.plugin.manager import load_plugins
from recframe.plugin.types import DatasetContext
from recframe.spec.experiment import Component

OVERRIDES = (
    "dataset=synthetic",
    "dataset.users=30",
    "dataset.items=25",
    "dataset.events_per_user=8",
    "encoder=bow",
    "model.width=4",
    "model.history_length=6",
    "model.num_predictions=5",
    "export.parity_histories=8",
    "export.golden_examples=2",
    "~groups.history.features.item",
)
#: A feature of each kind; and what every catalogue of films has, for an app that knows no ratings.
ALL_KINDS = (
    "item:{type:int,source:item},stars:{type:float,source:rating},genre:{type:string,source:genre},"
    "kinds:{type:strings,source:genres},era:{type:buckets,source:year}"
)
ITEMS_ALONE = "item:{type:int,source:item},genres:{type:string,source:genres,length:6}"


def tiny_export(folder: Path, exporter: Component, features: str = ALL_KINDS) -> ExportContext:
    """The context of an exporter that writes to `folder`. The model and its answers are the same each time.

    The model of ITEMS_ALONE comes with test targets, as that of a run does.
    """
    made = _make(features)
    return attrs.evolve(made, folder=folder, spec=attrs.evolve(made.spec, exporters=(exporter,)))


@functools.cache
def _make(features: str) -> ExportContext:
    spec, registries = compose([*OVERRIDES, f"groups={{history:{{features:{{{features}}}}}}}"]), load_plugins()
    dataset = registries.datasets[spec.dataset.type]
    interactions = dataset.load(spec.dataset.options, DatasetContext(spec.seed, Path()))
    data = prepare(spec, registries, interactions)
    model = build_model(spec, registries, data.features, data.num_labels)
    # Weights as first drawn are so small that the answers would hang on rounding.
    rng = np.random.default_rng(1)
    model.set_weights([weight + rng.normal(0, 0.5, weight.shape) for weight in model.get_weights()])
    trained = TrainedModel(spec, registries, data.catalogue(), model)
    compared = parity_histories(trained, data)
    # An app that knows the items of a history alone gets other answers of a model that reads ratings, and may.
    held_out = compared.held_out if features == ITEMS_ALONE else None
    return make_context(trained, attrs.evolve(compared, held_out=held_out), Path())
