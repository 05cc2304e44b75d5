"""Loads the earlier runs that a spec names: for their ids, for the weights to start from, or as a teacher."""

from __future__ import annotations

from pathlib import Path

from recframe.data.prepare import PreparedData
from recframe.data.vocabularies import Vocabularies
from recframe.errors import RecframeError, SpecError
from recframe.model.dual_encoder import DualEncoder, build_model
from recframe.plugin.catalogue import FeatureInfo
from recframe.plugin.registry import Registries
from recframe.runs.folder import read_config
from recframe.runs.place import finish_replacement
from recframe.runs.plugins_used import as_recorded
from recframe.spec.experiment import ExperimentSpec
from recframe.training.checkpoints import load_checkpoint, unfinished, weights_id
from recframe.training.distillation import Teacher
from recframe.training.loop import uses_positions
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
        earlier = _model_of(folder, registries)
        width = earlier.model.spec.model.width
        if width != spec.model.width:
            raise SpecError(f"{folder} has model.width={width}, but this run has {spec.model.width}; make them equal")
    except RecframeError as error:
        raise SpecError(f"train.warm_start: {error}") from error
    return earlier


def teacher(spec: ExperimentSpec, registries: Registries, data: PreparedData, student: DualEncoder) -> Teacher | None:
    """The teacher of the run in `train.teacher`; None if it is not set.

    Raises:
        SpecError: The run cannot be read, or cannot teach this one: it has other ids, or reads other features.
    """
    if spec.train.teacher is None:
        return None
    folder = Path(spec.train.teacher).expanduser()
    try:
        earlier = _model_of(folder, registries)
        if reason := earlier.unfinished or _cannot_teach(earlier, data, student, uses_positions(spec, student)):
            raise SpecError(f"{folder}: {reason}")
    except RecframeError as error:
        raise SpecError(f"train.teacher: {error}") from error
    return Teacher(earlier.model, spec.train.teacher_share, weights_id(folder))


def _cannot_teach(earlier: EarlierModel, data: PreparedData, student: DualEncoder, positions: bool) -> str:
    """Why a model cannot teach another one; else empty."""
    if earlier.vocabularies.labels != data.label_vocabulary:
        return "its items have other ids; train it on the same data, with the same split and label"
    for name, feature in earlier.vocabularies.features.items():
        same = name in data.features and earlier.model.spec.scopes[name] == student.spec.scopes[name]
        if not same or _encoding(data.features[name]) != _encoding(feature):
            return f"it reads feature {name!r}, which this run lacks or encodes in another way"
    if positions and (student.can_pack > earlier.model.can_pack or not earlier.model.causal):
        return "this run trains on positions, but the teacher cannot; add train.mode=windows"
    return ""


def _encoding(feature: FeatureInfo) -> tuple[object, ...]:
    """What two features have in common if they give the same codes."""
    spec = feature.spec
    return spec.type, spec.source, feature.vocabulary, feature.values, feature.flattened, dict(feature.statistics)


def _model_of(folder: Path, registries: Registries) -> EarlierModel:
    """The model of a run with its best weights.

    Raises:
        RecframeError: The run cannot be read.
    """
    registries = as_recorded(registries, folder)
    spec, kept = read_config(folder, registries), Vocabularies.read(folder)
    model = build_model(spec, registries, kept.features, len(kept.labels))
    load_checkpoint(folder, model)
    return EarlierModel(str(folder), kept, model, unfinished(folder))
