"""The model of a run, before it has learnt anything."""

from __future__ import annotations

import re

from recframe.data.prepare import PreparedData
from recframe.errors import PluginError, RecframeError
from recframe.model.dual_encoder import build_model
from recframe.model.trained_model import TrainedModel
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
        foreign = foreign_encoders(spec, registries)
        if isinstance(error, RecframeError) or not foreign:
            raise
        # Keras puts the reason in bold between lines of its own.
        bold = re.search(r"\x1b\[1m(.*?)\x1b\[0m", str(error), re.DOTALL)
        reason = f"{type(error).__name__}: {bold.group(1) if bold else error}"
        name, source = next(iter(foreign.items()))
        raise PluginError(
            f"encoder {name!r} of {source} cannot be built: {reason}; `recframe check {source.split()[0]}` tells more"
        ) from error
    return TrainedModel(spec, registries, data.catalogue(), model)
