"""Builds the model of a run, before training."""

from __future__ import annotations

from recframe.data.prepare import PreparedData
from recframe.errors import PluginError, RecframeError
from recframe.model.dual_encoder import build_model
from recframe.model.trained_model import TrainedModel
from recframe.plugin.origin import reason_of
from recframe.plugin.registry import Registries
from recframe.runs.export_dry_run import plugin_encoders
from recframe.spec.experiment import ExperimentSpec


def build(spec: ExperimentSpec, registries: Registries, data: PreparedData) -> TrainedModel:
    """Build the model with its initial weights.

    Raises:
        PluginError: Building fails, and an encoder comes from a plugin.
    """
    try:
        model = build_model(spec, registries, data.features, data.num_labels, data.label_counts)
    except Exception as error:
        if isinstance(error, PluginError):
            raise error from error.__context__  # Keras drops the cause and keeps the context
        external = plugin_encoders(spec, registries)
        if isinstance(error, RecframeError) or not external:
            raise
        name, source = next(iter(external.items()))
        raise PluginError(
            f"encoder {name!r} of {source} cannot be built: {reason_of(error)}; "
            f"`recframe check {source.split()[0]}` tests it in detail"
        ) from error
    return TrainedModel(spec, registries, data.catalogue(), model)
