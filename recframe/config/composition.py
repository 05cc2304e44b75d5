"""Composes overrides into a spec, and into the text that `--help` shows."""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from typing import Any

import attrs
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from recframe.config.explanations import CONFIG_ERRORS, explain, require_names
from recframe.config.nodes import COMPONENT_GROUPS, compose_config, spec_values
from recframe.config.plain_values import with_plain_values
from recframe.config.sources import CONFIG_MODULE, OURS, Sources
from recframe.errors import SpecError
from recframe.plugin.manager import load_plugins
from recframe.plugin.registry import Registries
from recframe.spec import experiment as specs
from recframe.spec.convert import structure
from recframe.spec.split import SplitSpec


def to_spec(
    config: DictConfig,
    registries: Registries | None = None,
    *,
    overrides: Sequence[str] = (),
    say: Callable[[str], None] = warnings.warn,
) -> specs.ExperimentSpec:
    """The spec of a composed config.

    Args:
        overrides: The overrides of the config. Some of them win over the file that `input_spec` names.
        say: Receives notes on what in that file could not be followed.

    Raises:
        SpecError: with one line for each mistake.
    """
    try:
        plain = OmegaConf.to_container(config, resolve=True)
    except OmegaConfBaseException as error:
        raise SpecError(explain(error)) from error
    if not isinstance(plain, Mapping):
        raise SpecError("the config must be a mapping")
    registries = registries or load_plugins()
    values, path = spec_values(plain), plain.get("input_spec")
    if path is not None:
        from recframe.proto import with_input_spec

        values, notes = with_input_spec(values, path, registries, overrides)
        for note in notes:
            say(note)
    return structure(values, registries)


def choices(overrides: Sequence[str], sources: Sources = OURS) -> str:
    """What can be chosen by name, and the config that the overrides give, for `--help`.

    Raises:
        SpecError: if an override or a value is wrong.
    """
    registries = load_plugins()
    overrides = with_plain_values(overrides)
    groups = {kind: list(registries.of(kind).names()) for kind in COMPONENT_GROUPS}
    groups["split"] = list(attrs.fields_dict(SplitSpec)["type"].metadata["choices"])
    folder = resources.files(CONFIG_MODULE) / "experiment"
    groups["+experiment"] = sorted(file.name[:-5] for file in folder.iterdir() if file.name.endswith(".yaml"))
    listed = "\n".join(f"  {group}={' | '.join(names)}" for group, names in groups.items())
    try:
        config = OmegaConf.to_yaml(compose_config(overrides, sources))
    except CONFIG_ERRORS as error:
        raise SpecError(explain(error, overrides, sources)) from error
    values = textwrap.indent(config.rstrip(), "  ")
    return (
        f"Chosen by name (GROUP=NAME):\n\n{listed}\n\nEvery value can be overridden (KEY.KEY=VALUE):\n\n{values}\n\n"
        "recframe is a Hydra application: `recframe --hydra-help` lists the flags that Hydra adds."
    )


def compose(
    overrides: Sequence[str], say: Callable[[str], None] = warnings.warn, sources: Sources = OURS
) -> specs.ExperimentSpec:
    """The spec that `recframe OVERRIDES` trains. Hydra's state stays as it is, in an application and in threads.

    Raises:
        SpecError: if an override or a value is wrong.
    """
    require_names(overrides)
    overrides = with_plain_values(overrides)
    try:
        return to_spec(compose_config(overrides, sources), overrides=overrides, say=say)
    except CONFIG_ERRORS as error:
        raise SpecError(explain(error, overrides, sources)) from error


def overwrites(config: DictConfig) -> bool:
    """Whether the config has `overwrite: true`.

    Raises:
        SpecError: if `overwrite` is neither true nor false.
    """
    value = config.get("overwrite", False)
    if not isinstance(value, bool):
        raise SpecError(f"overwrite: {value!r} is not allowed: must be true or false")
    return value


def export_changes(overrides: list[str]) -> dict[str, Any]:
    """The changes of `recframe export RUN exporters=[tflite] export.variants=[int8]`, as keys of a config.

    Raises:
        SpecError: for any other override, since nothing else of a trained run can change.
    """
    usage = "exporters=[NAME,...] or export.KEY=VALUE"
    for text in overrides:
        key = text.partition("=")[0]
        if key != "exporters" and not key.startswith("export."):
            raise SpecError(f"{text}: only {usage} can be given here; the run's config.yaml decides the rest")
    return changes(overrides, usage)


def changes(overrides: list[str], usage: str = "KEY=VALUE") -> dict[str, Any]:
    """The changes that overrides make, as keys of a config: `train.epochs=30` becomes {"train": {"epochs": 30}}.

    Args:
        usage: How an override is written, for the message.

    Raises:
        SpecError: if an override cannot be read.
    """
    changed: dict[str, Any] = {}
    for text in overrides:
        try:
            parsed = OverridesParser.create().parse_override(*with_plain_values([text]))
            value, *path = parsed.value(), *parsed.key_or_group.split(".")
        except CONFIG_ERRORS as error:
            raise SpecError(f"{text}: cannot be read; write {usage}") from error
        if path == ["exporters"] and not isinstance(value, list):
            value = [value]
        node = changed
        for name in path[:-1]:
            node = node.setdefault(name, {})
        node[path[-1]] = value
    return changed
