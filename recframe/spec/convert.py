"""Turns a plain mapping into an ExperimentSpec, and back. All problems are reported together, with their dotted paths.

cattrs chooses a hook by type. Each hook raises `Problems` with paths relative to its own value, and the caller puts its
key in front of them. Scalars are strict: `yes` is not a number, and `true` is not 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import attrs

from recframe.errors import Problem, SpecError, UnknownNameError
from recframe.errors.nearest import suggestion
from recframe.spec.experiment import (
    DEFAULT_COMPONENTS,
    DEFAULT_EXPORTERS,
    DEFAULT_GROUPS,
    NOW,
    Component,
    ExperimentSpec,
    FeatureSpec,
    GroupSpec,
    ModelSpec,
)
from recframe.spec.option import check, require_name
from recframe.spec.rules import check_lengths, check_training_length, moment_faults
from recframe.spec.structure import MISSING, Problems, collect, expect_mapping, make_converter, structure_class

_CONVERTER = make_converter()
_COMMON = ("source", "length")  # options of every feature, whatever its type
_COMPONENT_FIELDS = ("dataset", "encoder", "loss", "groups", "exporters")


class Registries(Protocol):
    """The part of `recframe.plugin.registry.Registries` that this module uses, which stands above it."""

    def of(self, kind: str) -> Mapping[str, Any]:
        """The contributions of a kind by name. An unknown name raises UnknownNameError."""


def structure(mapping: Mapping[str, Any], registries: Registries) -> ExperimentSpec:
    """The spec that a plain mapping describes. Options that are left out take their defaults.

    Raises:
        SpecError: with one line for each mistake.
    """
    try:
        return _experiment(mapping, registries)
    except Problems as mistakes:
        raise mistakes.error() from None


def unstructure(spec: ExperimentSpec) -> dict[str, Any]:
    """The spec as dicts, lists and scalars, from which `structure` makes the same spec."""
    plain: dict[str, Any] = {
        "dataset": _plain_component(spec.dataset),
        "encoder": _plain_component(spec.encoder),
        "loss": _plain_component(spec.loss),
        "groups": {
            name: {
                "features": {
                    key: {
                        "type": feature.type,
                        **{name: getattr(feature, name) for name in _COMMON},
                        **_plain(feature.options),
                    }
                    for key, feature in group.features.items()
                },
                **({} if group.encoder is None else {"encoder": _plain_component(group.encoder)}),
                "scope": group.scope,
            }
            for name, group in spec.groups.items()
        },
        "exporters": [_plain_component(exporter) for exporter in spec.exporters],
    }
    rest = [field.name for field in attrs.fields(ExperimentSpec) if field.name not in _COMPONENT_FIELDS]
    return plain | {name: _plain(getattr(spec, name)) for name in rest}


def default_values(options: type) -> dict[str, Any]:
    """The default of each option of a class, as plain values; `???` for an option that has none."""
    plain = {}
    for field in attrs.fields(options):
        default = field.default
        if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
            default = default.factory()
        plain[field.name] = MISSING if default is attrs.NOTHING else _plain(default)
    return plain


def default_problem(field: attrs.Attribute[Any], default: Any) -> str:
    """Why an option does not take its own default, as it would come back from a config; empty where it does."""
    try:
        value = _CONVERTER.structure(_plain(default), field.type or Any)
        check(field, value)
    except Problems as mistakes:
        return str(mistakes.problems[0])
    except SpecError as error:
        return error.mistakes[0].message
    except Exception as error:  # a validator of the plugin's own
        return f"{type(error).__name__}: {error}"
    return ""


def _experiment(node: Any, registries: Registries) -> ExperimentSpec:
    mapping = dict(expect_mapping(node))
    values: dict[str, Any] = {}
    problems = Problems()
    fields = {field.name: field for field in attrs.fields(attrs.resolve_types(ExperimentSpec))}
    for key in mapping:
        if key not in fields:
            problems.add((str(key),), f"unknown key{suggestion(key, fields)}")
    for kind, default in DEFAULT_COMPONENTS.items():
        with collect(problems, kind):
            values[kind] = _component(kind, mapping.get(kind, default), registries, default)
    with collect(problems, "exporters"):
        values["exporters"] = _exporters(mapping.get("exporters", list(DEFAULT_EXPORTERS)), registries)
    with collect(problems, "groups"):
        values["groups"] = _groups(mapping.get("groups", DEFAULT_GROUPS), registries, values.get("encoder"))
    rest = {key: value for key, value in mapping.items() if key in fields and key not in _COMPONENT_FIELDS}
    for key, value in rest.items():
        with collect(problems, key):
            values[key] = _CONVERTER.structure(value, fields[key].type or Any)
            check(fields[key], values[key])
    if "evaluation" in values and len(set(values["evaluation"].top_k)) != len(values["evaluation"].top_k):
        problems.add(("evaluation", "top_k"), f"list each cut-off only once, got {list(values['evaluation'].top_k)}")
    if "groups" in values and ("model" in values or "model" not in mapping):
        check_lengths(values["groups"], values.get("model", ModelSpec()).history_length, problems)
    if "train" in values and ("model" in values or "model" not in mapping):
        check_training_length(values["train"], values.get("model", ModelSpec()), problems)
    problems.raise_if_any()
    return ExperimentSpec(**values)


def _component(
    kind: str, node: Any, registries: Registries, default: str | None, base: Component | None = None
) -> Component:
    """A component from its name, or from a mapping with `type` and options."""
    mapping = {"type": node} if isinstance(node, str) and node != MISSING else dict(expect_mapping(node))
    name: Any = mapping.pop("type", default)
    options = _options(kind, name, registries)
    if base is not None and base.type == name:
        # Options that the group leaves out are those of the top-level encoder.
        mapping = _plain(base.options) | mapping
    return Component(name, structure_class(_CONVERTER, mapping, options, ("type",)))


def _options(kind: str, name: Any, registries: Registries) -> type:
    registry = registries.of(kind)
    if name is None or name == MISSING:
        raise Problems(Problem(f"must be given. There are: {', '.join(sorted(registry))}", ("type",)))
    try:
        options: type = registry[name].options
    except UnknownNameError as error:
        raise Problems(Problem(str(error), ("type",), error.kind)) from None
    return options


def _exporters(node: Any, registries: Registries) -> tuple[Component, ...]:
    if not isinstance(node, list | tuple):
        raise Problems(Problem(f"expected a list of exporters, got {node!r}"))
    problems, exporters = Problems(), []
    for index, item in enumerate(node):
        with collect(problems, str(index)):
            exporters.append(_component("exporter", item, registries, None))
    for index, exporter in enumerate(exporters):
        if exporter.type in [earlier.type for earlier in exporters[:index]]:
            problems.add((str(index),), f"{exporter.type!r} is named twice in the list")
    problems.raise_if_any()
    return tuple(exporters)


def _groups(node: Any, registries: Registries, encoder: Component | None) -> dict[str, GroupSpec]:
    mapping = expect_mapping(node)
    problems, groups, owners = Problems(), dict[str, GroupSpec](), dict[str, str]()
    if not mapping:
        problems.add((), "at least one feature group is needed")
    elif all(isinstance(value, Mapping) and value.get("scope") == NOW for value in mapping.values()):
        problems.add((), f"a group of scope history or user is needed beside those of scope {NOW}")
    for name, value in mapping.items():
        with collect(problems, str(name)):
            require_name(name)
            group = _group(value, registries, encoder)
            for feature in group.features:
                if feature in owners:
                    message = f"the group {owners[feature]!r} has a feature of that name"
                    raise Problems(Problem(message, ("features", feature)))
            owners |= {feature: name for feature in group.features}
            groups[str(name)] = group
    problems.raise_if_any()
    return groups


def _group(node: Any, registries: Registries, encoder: Component | None) -> GroupSpec:
    mapping = expect_mapping(node)
    problems, features, own, now = Problems(), dict[str, FeatureSpec](), encoder, mapping.get("scope") == NOW
    scope = {"scope": mapping["scope"]} if "scope" in mapping else {}
    keys = [field.name for field in attrs.fields(GroupSpec)]
    for key in mapping:
        if key not in keys:
            problems.add((str(key),), f"unknown key{suggestion(key, keys)}")
    with collect(problems, "features"):
        features = _features(mapping.get("features", {}), registries)
    if now and mapping.get("encoder") is not None:
        problems.add(("encoder",), f"a group of scope {NOW} has no steps to encode; leave `encoder` out")
    elif mapping.get("encoder") is not None:
        with collect(problems, "encoder"):
            default = encoder.type if encoder else DEFAULT_COMPONENTS["encoder"]
            own = _component("encoder", mapping["encoder"], registries, default, encoder)
    group = None
    with collect(problems, "scope"):
        # If the top-level encoder is wrong, its own problem is reported, and this placeholder is never used.
        group = GroupSpec(features, None if now else own or Component("", None), **scope)
    for name, feature in group.features.items() if now and group is not None else ():
        for option, fault in moment_faults(feature.source, feature.length):
            problems.add(("features", name, option), fault)
    problems.raise_if_any()
    assert group is not None
    return group


def _features(node: Any, registries: Registries) -> dict[str, FeatureSpec]:
    mapping = expect_mapping(node)
    problems, features = Problems(), {}
    if not mapping:
        problems.add((), "at least one feature is needed")
    for name, value in mapping.items():
        with collect(problems, str(name)):
            require_name(name)
            plain = {"type": value} if isinstance(value, str) and value != MISSING else dict(expect_mapping(value))
            common: dict[str, Any] = {key: plain.pop(key) for key in _COMMON if key in plain}
            kind: Any = plain.pop("type", None)
            inner = Problems()
            for key, value_of_key in common.items():
                with collect(inner, key):
                    if value_of_key == MISSING:
                        raise Problems(Problem("must be given"))
                    field = attrs.fields_dict(attrs.resolve_types(FeatureSpec))[key]
                    common[key] = _CONVERTER.structure(value_of_key, field.type or Any)
                    check(field, common[key])
            with collect(inner):
                options = structure_class(_CONVERTER, plain, _options("feature", kind, registries), ("type", *_COMMON))
            inner.raise_if_any()
            features[str(name)] = FeatureSpec(kind, options, **common)
    problems.raise_if_any()
    return features


def _plain_component(component: Component) -> dict[str, Any]:
    return {"type": component.type, **_plain(component.options)}


def _plain(value: Any) -> Any:
    """The value with lists for tuples and text for paths, as in YAML and JSON."""
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((_plain(item) for item in value), key=str)  # texts have another order in each process
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if attrs.has(type(value)):
        return {field.name: _plain(getattr(value, field.name)) for field in attrs.fields(type(value))}
    return _CONVERTER.unstructure(value)
