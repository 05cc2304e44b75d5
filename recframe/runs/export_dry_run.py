"""A dry run of the export before training: whether the model converts, and how large its files will be."""

from __future__ import annotations

import numpy as np

from recframe.export.checks.gate import candidates, checked_model
from recframe.export.graph.serving import ServingModule
from recframe.model.trained_model import TrainedModel
from recframe.plugin.registry import Registries
from recframe.spec.experiment import ExperimentSpec


def writes_tflite(spec: ExperimentSpec) -> bool:
    """Whether a LiteRT file is among what a run exports."""
    return any(exporter.type == "tflite" for exporter in spec.exporters)


def foreign_encoders(spec: ExperimentSpec, registries: Registries) -> dict[str, str]:
    """The encoders that plugins provide, each with its plugin."""
    sources = {group.encoder.type: registries.encoders.source(group.encoder.type) for group in spec.groups.values()}
    return {name: source for name, source in sources.items() if not source.endswith("(built-in)")}


def require_convertible(trained: TrainedModel) -> None:
    """Convert a model with a plugin's encoder: otherwise a fault would be found only after training.

    Tests show that the built-in encoders convert, so their users do not wait for this.

    Raises:
        ExportError: where the file would hold what a phone cannot run, or more than it should.
    """
    if writes_tflite(trained.spec) and foreign_encoders(trained.spec, trained.registries):
        checked_model(serving_module(trained), "float32", "tflite/float32")


def file_sizes(trained: TrainedModel) -> dict[str, int]:
    """Bytes of the LiteRT file in each number format that the spec asks for.

    The model's weights are lost: equal ones, such as zeros before the training, would be stored once.

    Raises:
        ExportError: as `require_convertible`.
    """
    rng = np.random.default_rng(0)
    for weight in trained.model.weights:
        weight.assign(rng.normal(size=weight.shape))
    module = serving_module(trained)
    return {name: len(checked_model(module, name, f"tflite/{name}")[0]) for name in candidates(trained.spec.export)}


def serving_module(trained: TrainedModel) -> ServingModule:
    """The serving graph, for a conversion that nothing is compared with."""
    return ServingModule(trained.spec, trained.catalogue, trained.model, encoders=trained.encoders)
