"""Untrained models in miniature, with all that an exporter is given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import attrs
import numpy as np
import pytest
import tensorflow as tf

import recframe
from recframe.data.prepare import prepare
from recframe.data.sequences import histories
from recframe.data.splits import TEST
from recframe.export.checks.parity import expected_answers
from recframe.export.graph.serving import ServingModule
from recframe.model.dual_encoder import build_model
from recframe.plugin.exporting import ExportContext
from recframe.plugin.registry import Registries
from recframe.plugin.types import DatasetContext

SMALL = (
    "dataset.users=30",
    "dataset.items=25",
    "dataset.events_per_user=8",
    "model.width=4",
    "model.history_length=6",
    "model.num_predictions=5",
)


def make(folder: Path, *overrides: str, registries: Registries | None = None) -> ExportContext:
    """What an exporter is given of the model that the overrides describe, its weights drawn at random."""
    spec, registries = recframe.compose([*SMALL, *overrides]), registries or recframe.load_plugins()
    interactions = registries.datasets[spec.dataset.type].load(spec.dataset.options, DatasetContext(spec.seed, folder))
    rng = np.random.default_rng(1)
    interactions = attrs.evolve(interactions, users={"age": rng.integers(20, 30, interactions.num_users)})
    data = prepare(spec, registries, interactions)
    model = build_model(spec, registries, data.features, data.num_labels)
    # Weights as first drawn are so small that the answers would hang on rounding.
    model.set_weights([weight + rng.normal(0, 0.5, weight.shape) for weight in model.get_weights()])

    catalogue, held_out = data.catalogue(), histories(data, data.targets(TEST)[:8])
    scores = np.asarray(model.scores({name: tf.constant(values) for name, values in held_out.items()}))
    return ExportContext(
        spec=spec,
        catalogue=catalogue,
        module=ServingModule(spec, catalogue, model),
        histories=held_out,
        expected=expected_answers(spec, catalogue, scores, held_out),
        folder=folder,
    )


@pytest.fixture(scope="session")
def make_export() -> Callable[..., ExportContext]:
    return make
