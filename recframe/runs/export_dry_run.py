"""A dry run of the export before training: checks that the model converts, and computes the sizes of its files."""

from __future__ import annotations

import numpy as np

from recframe.export.checks.gate import candidates, checked_model
from recframe.export.graph.serving import ServingModule
from recframe.model.trained_model import TrainedModel
from recframe.plugin.registry import Registries
from recframe.spec.experiment import ExperimentSpec


def writes_tflite(spec: ExperimentSpec) -> bool:
    """Whether the run exports a LiteRT file."""
    return any(exporter.type == "tflite" for exporter in spec.exporters)


def plugin_encoders(spec: ExperimentSpec, registries: Registries) -> dict[str, str]:
    """The encoders that are not built in, each with its plugin."""
    sources = {encoder.type: registries.encoders.source(encoder.type) for encoder in spec.encoders.values()}
    return {name: source for name, source in sources.items() if not source.endswith("(built-in)")}


def require_convertible(trained: TrainedModel) -> None:
    """Convert a model that has a plugin's encoder, to find errors before training.

    The built-in encoders are known to convert, so their users do not wait for this.

    Raises:
        ExportError: The file would contain operators that a phone cannot run, or would be too large.
    """
    if writes_tflite(trained.spec) and plugin_encoders(trained.spec, trained.registries):
        checked_model(serving_module(trained), "float32", "tflite/float32")


def file_sizes(trained: TrainedModel) -> dict[str, int]:
    """The size in bytes of the LiteRT file for each variant in the spec.

    This overwrites the model's weights: before training many are equal, and the converter stores equal tensors once.

    Raises:
        ExportError: As `require_convertible`.
    """
    rng = np.random.default_rng(0)
    for weight in trained.model.weights:
        weight.assign(rng.normal(size=weight.shape))
    module = serving_module(trained)
    return {name: len(checked_model(module, name, f"tflite/{name}")[0]) for name in candidates(trained.spec.export)}


def serving_module(trained: TrainedModel) -> ServingModule:
    """The serving graph, for a conversion without a comparison."""
    return ServingModule(trained.spec, trained.catalogue, trained.model, encoders=trained.encoders)
