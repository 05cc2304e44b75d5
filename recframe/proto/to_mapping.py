"""Turns a message into its part of a config: `groups`, `label`, `model.width` and `model.history_length`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recframe.errors import SpecError
from recframe.plugin.registry import Registries
from recframe.proto import names, recframe_pb2 as pb
from recframe.proto.struct_values import from_struct
from recframe.proto.validate import find_problems
from recframe.spec.experiment import NOW

EncoderDefaults = Mapping[str, Mapping[str, Any]]


def to_mapping(
    message: pb.InputConfig, registries: Registries, encoder_defaults: EncoderDefaults | None = None
) -> dict[str, Any]:
    """The config of a message, from which `recframe.spec.convert.structure` makes a spec.

    Args:
        encoder_defaults: Options by encoder name. They count for groups whose `encoder_options` do not set them.

    Raises:
        SpecError: with one line for each mistake, which begins with the path of the field.
    """
    problems = find_problems(message, registries)
    if problems:
        raise SpecError(problems)
    label, length = message.label_feature, names.history_length(message)
    groups = {
        name: {
            "features": {feature.feature_name: _feature(feature) for feature in group.features},
            **({} if scope == NOW else {"encoder": _encoder(group, encoder_defaults or {})}),
            "scope": scope,
        }
        for scope, _, name, group in names.named_groups(message)
    }
    return {
        "groups": groups,
        "label": {"name": label.feature_name, "vocab_size": label.vocab_size if label.HasField("vocab_size") else None},
        "model": {"width": label.embedding_dim} | ({} if length is None else {"history_length": length}),
    }


def _encoder(group: pb.FeatureGroup, defaults: EncoderDefaults) -> dict[str, Any]:
    name = names.encoder_of(group)
    return {"type": name, **defaults.get(str(name), {}), **from_struct(group.encoder_options)}


def _feature(feature: pb.Feature) -> dict[str, Any]:
    length = {"length": feature.feature_length} if feature.HasField("feature_length") else {}
    return {
        "type": names.type_of(feature),
        "source": names.source_of(feature),
        **length,
        **names.options_of(feature),
    }
