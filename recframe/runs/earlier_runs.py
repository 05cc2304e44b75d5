"""Loads the earlier runs that a spec names: one whose ids are kept, and one whose weights training starts from."""

from __future__ import annotations

from pathlib import Path

from recframe.data.vocabularies import Vocabularies
from recframe.errors import RecframeError, SpecError
from recframe.model.dual_encoder import build_model
from recframe.plugin.registry import Registries
from recframe.runs.folder import read_config
from recframe.runs.place import finish_replacement
from recframe.runs.plugins_used import as_recorded
from recframe.spec.experiment import ExperimentSpec
from recframe.training.checkpoints import load_checkpoint, unfinished
from recframe.training.warm_start import EarlierModel


def vocabularies_from(spec: ExperimentSpec) -> Vocabularies | None:
    """The vocabularies of the run in `dataset.vocabulary_from`; None if it is not set.

    Raises:
        SpecError: They cannot be read.
    """
    run = getattr(spec.dataset.options, "vocabulary_from", None)
    if run is None:
        return None
    try:
        folder = Path(run).expanduser()
        finish_replacement(folder)
        return Vocabularies.read(folder)
    except SpecError as error:
        raise SpecError(f"dataset.vocabulary_from: {error}") from None


def earlier_model(spec: ExperimentSpec, registries: Registries) -> EarlierModel | None:
    """The model of the run in `train.warm_start`; None if it is not set.

    Raises:
        SpecError: The run cannot be read, or its embeddings have another width.
    """
    if spec.train.warm_start is None:
        return None
    folder = Path(spec.train.warm_start).expanduser()
    try:
        registries = as_recorded(registries, folder)
        old = read_config(folder, registries)
        if old.model.width != spec.model.width:
            raise SpecError(
                f"{folder} has model.width={old.model.width}, but this run has {spec.model.width}; make them equal"
            )
        kept = Vocabularies.read(folder)
        model = build_model(old, registries, kept.features, len(kept.labels))
        load_checkpoint(folder, model)
    except RecframeError as error:
        raise SpecError(f"train.warm_start: {error}") from error
    return EarlierModel(str(folder), kept, model, unfinished(folder))
