"""Finds every mistake in a message, with the path of its field: `activity_feature_groups[0].features[1].vocab_size`.

The ranges come from the spec classes, so that each range stands in one place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from recframe.errors import Problem, SpecError, UnknownNameError
from recframe.errors.nearest import listing
from recframe.plugin.registry import Registries, Registry
from recframe.proto import names, recframe_pb2 as pb
from recframe.proto.struct_values import from_struct
from recframe.spec.experiment import NOW, FeatureSpec, LabelSpec, ModelSpec
from recframe.spec.option import check
from recframe.spec.rules import moment_faults
from recframe.spec.structure import Problems, collect, make_converter

_CONVERTER = make_converter()
#: The options of a feature whose fields have other names.
_FIELDS = {"length": "feature_length"}


def find_problems(message: pb.InputConfig, registries: Registries) -> list[str]:
    """One line for each mistake; empty if the message describes a model."""
    problems = Problems()
    length = names.history_length(message)
    groups: dict[str, str] = {}
    features: dict[str, str] = {}
    for scope, path, name, group in names.named_groups(message):
        if name in groups:
            problems.add((path, "name"), f"{name!r} is also the name of {groups[name]}")
        groups.setdefault(name, path)
        with collect(problems, path):
            _group(group, registries, length, scope)
        for index, feature in enumerate(group.features):
            place = f"{path}.features[{index}]"
            if feature.feature_name in features:
                problems.add(
                    (place, "feature_name"),
                    f"{feature.feature_name!r} is also the name of {features[feature.feature_name]}",
                )
            elif feature.feature_name:
                features[feature.feature_name] = place
    if not message.activity_feature_groups and not message.global_feature_groups:
        problems.add(("activity_feature_groups",), "at least one feature group is needed")
    if message.HasField("history_length"):
        _in_range(problems, "history_length", ModelSpec, "history_length", message.history_length)
    with collect(problems, "label_feature"):
        if not message.HasField("label_feature"):
            raise Problems(Problem("must be given"))
        _label(message.label_feature)
    return [str(problem) for problem in problems.problems]


def _group(group: pb.FeatureGroup, registries: Registries, history_length: int | None, scope: str) -> None:
    problems = Problems()
    if scope == NOW:
        history_length = 1
        _moment(problems, group)
    else:
        number = group.encoder_type if group.HasField("encoder_type") else None
        by_name = ("encoder", group.encoder)
        name = _name(problems, ("encoder_type", number), by_name, registries.encoders, names.ENCODERS)
        if name is not None:
            _options(problems, from_struct(group.encoder_options), registries.encoders[name].options, "encoder_options")
    if not group.features:
        problems.add(("features",), "at least one feature is needed")
    lengths = [
        feature.feature_length if feature.HasField("feature_length") else history_length for feature in group.features
    ]
    for index, feature in enumerate(group.features):
        with collect(problems, f"features[{index}]"):
            _feature(feature, registries)
        if lengths[index] != lengths[0]:
            problems.add(
                (f"features[{index}]", "feature_length"),
                f"{lengths[index]}, but features[0] has {lengths[0]}: the features of a group need one length",
            )
    problems.raise_if_any()


def _moment(problems: Problems, group: pb.FeatureGroup) -> None:
    """A group that describes the moment of asking is no sequence, and its values come from the time."""
    for field in ("encoder_type", "encoder", "encoder_options"):
        if group.HasField(field):
            problems.add((field,), "a moment has no steps to encode; leave it out")
    for index, feature in enumerate(group.features):
        for option, fault in moment_faults(names.source_of(feature), feature.feature_length or None):
            problems.add((f"features[{index}]", _FIELDS.get(option, option)), fault)


def _feature(feature: pb.Feature, registries: Registries) -> None:
    problems = Problems()
    if not feature.feature_name:
        problems.add(("feature_name",), "must be given")
    if feature.HasField("feature_length"):
        _in_range(problems, "feature_length", FeatureSpec, "length", feature.feature_length)
    number = feature.feature_type if feature.HasField("feature_type") else None
    kind = _name(problems, ("feature_type", number), ("type", feature.type), registries.features, names.FEATURE_TYPES)
    if kind is not None:
        options = registries.features[kind].options
        own = {} if kind == "float" else names.option_fields(feature)
        in_struct = from_struct(feature.options)
        for option in own.keys() & in_struct.keys():
            problems.add(("options", option), f"the field {option} sets it too; leave one out")
        _options(problems, own, options)
        _options(problems, in_struct, options, "options")
    if kind in ("int", "string"):
        _category(problems, feature, kind)
    elif kind is not None and feature.learn_vocabulary:
        problems.add(("learn_vocabulary",), "only INT and STRING features have a vocabulary")
    problems.raise_if_any()


def _category(problems: Problems, feature: pb.Feature, kind: str) -> None:
    """Check the fields that Model Maker requires of a categorical feature, unless a field of recframe replaces them."""
    values, word = names.options_of(feature), kind.upper()
    if "embedding_dim" not in values:
        problems.add(("embedding_dim",), f"{word} needs the width of its embedding")
    if kind == "int" and not (values.keys() & {"vocab_size", "vocab_name"} or feature.learn_vocabulary):
        problems.add(("vocab_size",), "INT needs the number of its ids, or vocab_name, or learn_vocabulary: true")
    if kind == "string" and "vocab_name" not in values and not feature.learn_vocabulary:
        problems.add(("vocab_name",), "STRING needs the file of its values, or learn_vocabulary: true")
    # The ids of an INT with vocab_size are the integers; a learnt STRING keeps as many values as vocab_size allows.
    for option in ("vocab_name", "vocab_size") if kind == "int" else ("vocab_name",):
        if feature.learn_vocabulary and values.get(option) is not None:
            problems.add(("learn_vocabulary",), f"{option} decides the ids already; leave one out")


def _label(label: pb.Feature) -> None:
    problems = Problems()
    kind = names.type_of(label)
    if kind != "int":
        word = label.type or (pb.FeatureType.Name(label.feature_type) if kind else label.feature_type)
        problems.add(("feature_type",), f"the label must be INT, got {word}")
    if not label.feature_name:
        problems.add(("feature_name",), "must be given")
    if label.HasField("vocab_size"):
        _in_range(problems, "vocab_size", LabelSpec, "vocab_size", label.vocab_size)
        if label.learn_vocabulary:
            problems.add(("learn_vocabulary",), "vocab_size decides the ids already; leave one out")
    elif not label.learn_vocabulary:
        problems.add(("vocab_size",), "the label needs the number of its ids, or learn_vocabulary: true")
    if label.HasField("embedding_dim"):
        _in_range(problems, "embedding_dim", ModelSpec, "width", label.embedding_dim)
    else:
        problems.add(("embedding_dim",), "the label needs the width of its embedding")
    if label.HasField("feature_length") and label.feature_length != 1:
        problems.add(("feature_length",), f"the label is one item: must be 1, got {label.feature_length}")
    if label.vocab_name:
        problems.add(
            ("vocab_name",),
            "the label's ids are the items' own numbers, or learnt: no file lists them; leave it out",
        )
    for field in ("options", "source"):
        if label.HasField(field):
            problems.add((field,), "the label has no such field; leave it out")
    problems.raise_if_any()


def _name(
    problems: Problems,
    by_number: tuple[str, int | None],
    by_name: tuple[str, str],
    registry: Registry[Any],
    known: Mapping[Any, str],
) -> str | None:
    """The registered name in the enum field or in recframe's field. If it is wrong, add the problem and return None."""
    (enum_field, number), (name_field, name) = by_number, by_name
    if number is not None and number not in known:
        problems.add((enum_field,), f"no value has the number {number}; there are {', '.join(map(str, known))}")
        return None
    if name and number is not None and known[number] != name:
        problems.add((name_field,), f"{name!r}, but {enum_field} is {known[number]!r}; leave one out")
        return None
    chosen: str = name or known[number or 0]
    try:
        registry[chosen]
    except UnknownNameError as error:
        problems.add((name_field if name else enum_field,), str(error), error.kind)
        return None
    return chosen


def _options(problems: Problems, values: dict[str, Any], options: type, *path: str) -> None:
    """Check names, types and ranges. Missing options are allowed, since the config may still set them."""
    fields = attrs.fields_dict(attrs.resolve_types(options))
    for key, value in values.items():
        with collect(problems, *path, key):
            if key not in fields:
                known = listing(key, fields, "The options are") if fields else "; there are no options"
                raise Problems(Problem(f"unknown option{known}"))
            converted = _CONVERTER.structure(value, fields[key].type or Any)
            check(fields[key], converted)


def _in_range(problems: Problems, path: str, cls: type, name: str, value: int) -> None:
    field = attrs.fields_dict(cls)[name]
    try:
        check(field, value)
    except SpecError as error:
        for mistake in error.mistakes:
            problems.add((path,), mistake.message)
