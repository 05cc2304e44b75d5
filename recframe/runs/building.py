"""Builds the model of a run, before training."""

from __future__ import annotations

from recframe.data.prepare import PreparedData
from recframe.errors import PluginError
from recframe.model.dual_encoder import build_model
from recframe.model.trained_model import TrainedModel
from recframe.plugin.registry import Registries
from recframe.spec.experiment import ExperimentSpec


def build(spec: ExperimentSpec, registries: Registries, data: PreparedData) -> TrainedModel:
    """Build the model with its initial weights.

    Raises:
        PluginError: The code of a plugin fails, or returns what the model cannot read.
    """
    try:
        model = build_model(spec, registries, data.features, data.num_labels, data.label_counts)
    except PluginError as error:
        raise error from error.__context__  # Keras drops the cause and keeps the context
    return TrainedModel(spec, registries, data.catalogue(), model)
