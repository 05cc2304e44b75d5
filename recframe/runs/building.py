"""The model of a run, before it has learnt anything."""

from __future__ import annotations

from recframe.data.prepare import PreparedData
from recframe.errors import PluginError, RecframeError
from recframe.model.dual_encoder import build_model
from recframe.model.trained_model import TrainedModel
from recframe.plugin.origin import reason_of
from recframe.plugin.registry import Registries
from recframe.runs.export_dry_run import foreign_encoders
from recframe.spec.experiment import ExperimentSpec


def build(spec: ExperimentSpec, registries: Registries, data: PreparedData) -> TrainedModel:
    """The model with its first weights.

    Raises:
        PluginError: where building it fails and an encoder is not a built-in one.
    """
    try:
        model = build_model(spec, registries, data.features, data.num_labels, data.label_counts)
    except Exception as error:
        if isinstance(error, PluginError):
            raise error from error.__context__  # Keras drops the cause, and leaves the context
        foreign = foreign_encoders(spec, registries)
        if isinstance(error, RecframeError) or not foreign:
            raise
        name, source = next(iter(foreign.items()))
        raise PluginError(
            f"encoder {name!r} of {source} cannot be built: {reason_of(error)}; "
            f"`recframe check {source.split()[0]}` tells more"
        ) from error
    return TrainedModel(spec, registries, data.catalogue(), model)
