"""A model large enough that its tables are quantized, with drawn weights in place of training."""

from __future__ import annotations

from pathlib import Path

import attrs
import numpy as np

import recframe
from recframe.data.prepare import prepare
from recframe.export.context import make_context
from recframe.export.histories.parity_histories import parity_histories
from recframe.model.dual_encoder import build_model
from recframe.model.trained_model import TrainedModel
from recframe.plugin.exporting import ExportContext
from recframe.plugin.manager import load_plugins
from recframe.plugin.types import DatasetContext, EncoderType
from recframe.spec.experiment import Component

SIZES = ["dataset.users=300", "dataset.items=400", "dataset.events_per_user=12", "model.width=16"]
SHORT = ["model.history_length=8", "export.parity_histories=64"]


def untrained(folder: Path, *overrides: str, encoder: EncoderType | None = None) -> ExportContext:
    """What an exporter is given, of a model whose tables have rows of very different lengths.

    Args:
        encoder: In place of the spec's, as of a plugin `test`.
    """
    spec, registries = recframe.compose([*SIZES, *SHORT, *overrides]), load_plugins()
    if encoder is not None:
        registries = registries.extended([encoder], "test")
        chosen = Component(encoder.name, encoder.options())
        groups = {name: attrs.evolve(group, encoder=chosen) for name, group in spec.groups.items()}
        spec = attrs.evolve(spec, groups=groups)
    interactions = registries.datasets[spec.dataset.type].load(spec.dataset.options, DatasetContext(spec.seed, Path()))
    data = prepare(spec, registries, interactions)
    model = build_model(spec, registries, data.features, data.num_labels, data.label_counts)
    rng = np.random.default_rng(3)
    rows = np.exp(rng.normal(0, 1, (data.num_labels, 1)))
    model.table.assign((rng.normal(0, 0.3, model.table.shape) * rows).astype(np.float32))
    trained = TrainedModel(spec, registries, data.catalogue(), model)
    return make_context(trained, attrs.evolve(parity_histories(trained, data), of_apps=None), folder)
