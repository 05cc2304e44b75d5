"""What can be known of an export before any training: whether the model converts, and how large its files will be."""

from __future__ import annotations

import numpy as np

from recframe.data.prepare import PreparedData
from recframe.export.gate import candidates, checked_model
from recframe.export.make_context import encoders_of
from recframe.export.serving import ServingModule
from recframe.model.dual_encoder import DualEncoder
from recframe.registry import Registries
from recframe.specs import ExperimentSpec


def writes_tflite(spec: ExperimentSpec) -> bool:
    """Whether a LiteRT file is among what a run exports."""
    return any(exporter.type == "tflite" for exporter in spec.exporters)


def foreign_encoders(spec: ExperimentSpec, registries: Registries) -> dict[str, str]:
    """The encoders that plugins provide, each with its plugin."""
    sources = {group.encoder.type: registries.encoders.source(group.encoder.type) for group in spec.groups.values()}
    return {name: source for name, source in sources.items() if not source.endswith("(built-in)")}


def require_convertible(spec: ExperimentSpec, registries: Registries, data: PreparedData, model: DualEncoder) -> None:
    """Convert a model with a plugin's encoder: whatever was wrong would else be told after the training.

    The built-in encoders convert, which their tests show, and are not made to wait for it.

    Raises:
        ExportError: where the file would hold what a phone cannot run, or more than it should.
    """
    if writes_tflite(spec) and foreign_encoders(spec, registries):
        checked_model(_module(spec, registries, data, model), "float32", "tflite/float32")


def file_sizes(spec: ExperimentSpec, registries: Registries, data: PreparedData, model: DualEncoder) -> dict[str, int]:
    """Bytes of the LiteRT file in each number format that the spec asks for.

    The model's weights are lost: equal ones, such as zeros before the training, would be stored once.

    Raises:
        ExportError: as `require_convertible`.
    """
    rng = np.random.default_rng(0)
    for weight in model.weights:
        weight.assign(rng.normal(size=weight.shape))
    module = _module(spec, registries, data, model)
    return {name: len(checked_model(module, name, f"tflite/{name}")[0]) for name in candidates(spec.export)}


def _module(spec: ExperimentSpec, registries: Registries, data: PreparedData, model: DualEncoder) -> ServingModule:
    return ServingModule(spec, data.catalogue(), model, encoders=encoders_of(spec, registries))
