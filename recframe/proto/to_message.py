"""Turns a spec into a message. Values go into Model Maker's fields if possible, else into recframe's own fields."""

from __future__ import annotations

from typing import Any

from recframe.errors import SpecError
from recframe.plugin.registry import Registries
from recframe.proto import names, recframe_pb2 as pb
from recframe.proto.struct_values import fill_struct, require_writable
from recframe.proto.to_mapping import EncoderDefaults
from recframe.proto.validate import find_problems
from recframe.spec.convert import default_values, unstructure
from recframe.spec.experiment import Component, ExperimentSpec, FeatureSpec, GroupSpec
from recframe.spec.structure import Problems

_FEATURE_NUMBERS = {name: number for number, name in names.FEATURE_TYPES.items()}
_ENCODER_NUMBERS = {name: number for number, name in names.ENCODERS.items()}
_NEVER = object()  # equal to no value


def to_message(
    spec: ExperimentSpec, registries: Registries, encoder_defaults: EncoderDefaults | None = None
) -> pb.InputConfig:
    """The message of a spec. `to_mapping` with the same defaults makes the same groups, label and widths from it.

    As in Model Maker, the message has global groups before activity groups, whatever their order in the spec. Options
    with their default values are left out.

    Raises:
        SpecError: if a value cannot be written (a NaN, an integer above 2^53), or the registries lack a name.
    """
    plain = unstructure(spec)
    try:
        require_writable({key: plain[key] for key in ("groups", "label")})
    except Problems as mistakes:
        raise mistakes.error() from None
    message = pb.InputConfig(
        label_feature=pb.Feature(
            feature_name=spec.label.name,
            feature_type=pb.INT,
            vocab_size=spec.label.vocab_size,
            embedding_dim=spec.model.width,
            feature_length=1,
        )
    )
    if spec.label.vocab_size is None:
        message.label_feature.learn_vocabulary = True
    for name, group in spec.groups.items():
        field, default = names.SCOPES[group.scope]
        index = len(getattr(message, field))
        target = getattr(message, field).add()
        if name != f"{default}_{index}":
            target.name = name
        _write_group(target, group, plain["groups"][name], encoder_defaults or {})
    if names.history_length(message) != spec.model.history_length:
        message.history_length = spec.model.history_length
    problems = find_problems(message, registries)
    if problems:
        raise SpecError(problems)
    return message


def _write_group(target: pb.FeatureGroup, group: GroupSpec, plain: dict[str, Any], defaults: EncoderDefaults) -> None:
    if group.encoder is not None:
        _write_encoder(target, group.encoder, plain["encoder"], defaults)
    for key, feature in group.features.items():
        _write_feature(target.features.add(), key, feature, plain["features"][key])


def _write_encoder(
    target: pb.FeatureGroup, encoder: Component, plain: dict[str, Any], defaults: EncoderDefaults
) -> None:
    name = encoder.type
    if name in _ENCODER_NUMBERS:
        target.encoder_type = _ENCODER_NUMBERS[name]
    else:
        target.encoder = name
    own_defaults = default_values(type(encoder.options)) | {
        key: list(value) if isinstance(value, tuple) else value for key, value in defaults.get(name, {}).items()
    }
    changed = {key: value for key, value in plain.items() if key != "type" and value != own_defaults[key]}
    if changed:
        fill_struct(target.encoder_options, changed)


def _write_feature(target: pb.Feature, name: str, feature: FeatureSpec, plain: dict[str, Any]) -> None:
    target.feature_name = name
    if feature.type in _FEATURE_NUMBERS:
        target.feature_type = _FEATURE_NUMBERS[feature.type]
    else:
        target.type = feature.type
    if feature.length is not None:
        target.feature_length = feature.length
    if feature.source != names.default_source(name):
        target.source = feature.source
    own_defaults, changed = default_values(type(feature.options)), dict[str, Any]()
    if feature.type in ("int", "string"):
        # Written even if it is the default, since a categorical feature without a width is refused.
        own_defaults["embedding_dim"] = _NEVER
        has_fixed_ids = plain["vocab_name"] is not None or (feature.type == "int" and plain["vocab_size"] is not None)
        if not has_fixed_ids:
            target.learn_vocabulary = True
    for key, default in own_defaults.items():
        value = plain[key]
        if value == default:
            continue
        if key in names.OPTION_FIELDS and value and type(value) is (str if key == "vocab_name" else int):
            setattr(target, key, value)
        else:
            changed[key] = value
    if changed:
        fill_struct(target.options, changed)
