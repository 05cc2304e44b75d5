"""The only module that knows Hydra and OmegaConf: registries to config nodes, composed config to spec.

The nodes are plain mappings made from the spec classes; Hydra composes them and the converter gives them types. A group
that names no encoder takes the top-level one, which the converter sees to.
"""

from __future__ import annotations

import difflib
import re
import textwrap
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import resources
from typing import Any

import attrs
from hydra import compose as hydra_compose, initialize_config_module
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from hydra.version import VersionBase
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from recframe import specs
from recframe.converter import options_of, structure, unstructure
from recframe.errors import RecframeError, SpecError
from recframe.manager import load_plugins
from recframe.registry import Registries, listing, suggestion

CONFIG_MODULE = "recframe.conf"
CONFIG_NAME = "config"

#: What Hydra and OmegaConf raise where the user's input is wrong.
CONFIG_ERRORS = (HydraException, OmegaConfBaseException)

_CHOSEN = ("dataset", "encoder", "loss")


def register(registries: Registries | None = None) -> None:
    """Put a node for every registered name, and the root node, into Hydra's ConfigStore."""
    registries = registries or load_plugins()
    store = ConfigStore.instance()
    for kind in _CHOSEN:
        registry = registries.of(kind)
        for name in registry.names():
            node = {"type": name, **options_of(registry[name].options)}
            store.store(group=kind, name=name, node=node, provider=registry.source(name))
    split = options_of(specs.SplitSpec)
    for name in attrs.fields_dict(specs.SplitSpec)["type"].metadata["choices"]:
        store.store(group="split", name=name, node={**split, "type": name}, provider="recframe")
    store.store(name="recframe", node=_root(registries), provider="recframe")


def _root(registries: Registries) -> Any:
    values: dict[str, Any] = {
        "defaults": [
            *({kind: specs.DEFAULT_COMPONENTS[kind]} for kind in _CHOSEN),
            {"split": attrs.fields_dict(specs.SplitSpec)["type"].default},
            "_self_",
        ],
    }
    for field in attrs.fields(attrs.resolve_types(specs.ExperimentSpec)):
        if field.name in (*_CHOSEN, "split", "groups", "exporters"):
            continue
        values[field.name] = options_of(field.type) if field.type and attrs.has(field.type) else field.default
    values["exporters"] = list(specs.DEFAULT_EXPORTERS)
    groups = {name: {"features": dict(group["features"])} for name, group in specs.DEFAULT_GROUPS.items()}
    for feature in (feature for group in groups.values() for feature in group["features"].values()):
        source = attrs.fields_dict(specs.FeatureSpec)["source"].default
        feature.setdefault("source", source)
    values["groups"] = OmegaConf.create(groups)
    values["input_spec"] = None
    node = OmegaConf.create(values)
    # Groups and features are named by the user: keys may be added without a +. The converter refuses wrong ones.
    OmegaConf.set_struct(node.groups, False)
    return node


def to_spec(
    config: DictConfig,
    registries: Registries | None = None,
    *,
    overrides: Sequence[str] = (),
    say: Callable[[str], None] = warnings.warn,
) -> specs.ExperimentSpec:
    """The spec of a composed config.

    Args:
        overrides: Those that it was composed with, of which some win over an `input_spec`.
        say: Told what in an `input_spec` could not be followed.

    Raises:
        SpecError: With one line for each mistake.
    """
    try:
        plain = OmegaConf.to_container(config, resolve=True)
    except OmegaConfBaseException as error:
        raise SpecError(explain(error)) from error
    if not isinstance(plain, Mapping):
        raise SpecError("the config must be a mapping")
    registries = registries or load_plugins()
    values = {str(key): value for key, value in plain.items()}
    path = values.pop("input_spec", None)
    if path is not None:
        from recframe.proto import with_input_spec

        values, notes = with_input_spec(values, path, registries, overrides)
        for note in notes:
            say(note)
    return structure(values, registries)


def overview(overrides: list[str]) -> str:
    """What can be chosen by name, and the config that the overrides give, for `--help`.

    Raises:
        SpecError: Where an override or a value is wrong.
    """
    registries = load_plugins()
    groups = {kind: list(registries.of(kind).names()) for kind in _CHOSEN}
    groups["split"] = list(attrs.fields_dict(specs.SplitSpec)["type"].metadata["choices"])
    folder = resources.files(CONFIG_MODULE) / "experiment"
    groups["+experiment"] = sorted(file.name[:-5] for file in folder.iterdir() if file.name.endswith(".yaml"))
    chosen = "\n".join(f"  {group}={' | '.join(names)}" for group, names in groups.items())
    try:
        config = OmegaConf.to_yaml(_composed(overrides))
    except CONFIG_ERRORS as error:
        raise SpecError(explain(error, overrides)) from error
    values = textwrap.indent(config.rstrip(), "  ")
    return (
        f"Chosen by name (GROUP=NAME):\n\n{chosen}\n\nEvery value can be overridden (KEY.KEY=VALUE):\n\n{values}\n\n"
        "recframe is a Hydra application: `recframe --hydra-help` lists the flags that Hydra adds."
    )


def compose(overrides: list[str], say: Callable[[str], None] = warnings.warn) -> specs.ExperimentSpec:
    """The spec that `recframe OVERRIDES` trains. Hydra's global state is as before afterwards, also inside a Hydra app.

    Raises:
        SpecError: Where an override or a value is wrong.
    """
    try:
        return to_spec(_composed(overrides), overrides=overrides, say=say)
    except CONFIG_ERRORS as error:
        raise SpecError(explain(error, overrides)) from error


def _composed(overrides: list[str]) -> DictConfig:
    register()
    # initialize() clears the Hydra of whoever calls us and sets the version base, so both are kept and put back.
    callers, base = GlobalHydra.instance().hydra, VersionBase.instance().version_base
    GlobalHydra.instance().hydra = None
    try:
        with initialize_config_module(config_module=CONFIG_MODULE, version_base="1.3"):
            return hydra_compose(config_name=CONFIG_NAME, overrides=overrides)
    finally:
        GlobalHydra.instance().hydra = callers
        VersionBase.instance().version_base = base


def exporters_of(overrides: list[str]) -> list[Any]:
    """The exporters that `recframe export RUN exporters=[tflite,saved_model]` names; empty where it names none.

    Raises:
        SpecError: For any other override, since the rest of a run is settled.
    """
    exporters: list[Any] = []
    for text in overrides:
        if not text.startswith("exporters="):
            raise SpecError(
                f"{text}: only exporters=[NAME,...] can be given here; the rest is as in the run's config.yaml"
            )
        try:
            value = OmegaConf.to_container(OmegaConf.from_dotlist([text]))
        except Exception as error:  # YAML's own errors, of a package that is not ours to import
            raise SpecError(f"{text}: not a list; write exporters=[NAME,...]") from error
        named = value["exporters"] if isinstance(value, dict) else None
        exporters = named if isinstance(named, list) else [named]
    return exporters


def explain(error: BaseException, overrides: list[str] | None = None) -> str:
    """One clear message for an error of Hydra or OmegaConf, with the nearest key or choice."""
    if isinstance(error, MissingConfigException):
        missing = (error.missing_cfg_file or "").rsplit("/", 1)
        if len(missing) == 2:
            known = load_plugins()
            names = list(known.of(missing[0]).names()) if missing[0] in _CHOSEN else list(error.options or ())
            return f"{missing[0]}: no {missing[0]} {missing[1]!r}{listing(missing[1], names, 'There are')}"
    text = str(error)
    if isinstance(error, OverrideParseException):
        reason = text.split("\nSee https://")[0].splitlines()[0]
        return f"{error.override}: not an override: {reason}; write KEY=VALUE, quoted where the shell needs it"
    unknown = re.search(r"Could not override '([^']+)'", text)
    if unknown:
        key = unknown.group(1)
        values = _values(overrides or [])
        if key in (*_CHOSEN, "split"):
            return f"{key}: choose by name, and set options one by one, as in `encoder=cnn encoder.kernel_size=3`"
        kind, _, option = key.partition(".")
        if kind in _CHOSEN and f"{kind}.type" in values:
            return f"{key}: {_no_option(kind, str(values[f'{kind}.type']), option)}"
        return f"{key}: unknown key{suggestion(key, [*values, 'input_spec'])}"
    group = re.search(r"Could not override '?([^'\s]+)'?\. ?\n?.*No match in the defaults list", text, re.DOTALL)
    return f"{group.group(1)}: unknown key" if group else text.split("\nSee https://")[0].strip()


def _no_option(kind: str, name: str, option: str) -> str:
    """That the chosen component has no such option: the nearest that it has, or else what else has it."""
    registry = load_plugins().of(kind)
    near = difflib.get_close_matches(option, list(options_of(registry[name].options)), n=1)
    having = [other for other in registry.names() if option in options_of(registry[other].options)]
    if near:
        hint = f"; did you mean '{kind}.{near[0]}'?"
    elif having:
        hint = f"; {' or '.join(f'{kind}={other}' for other in having)} has one"
    else:
        hint = f"; `recframe describe {kind}/{name}` lists what it has"
    return f"{kind} {name!r} has no option {option!r}{hint}"


def _values(overrides: list[str]) -> dict[str, Any]:
    """The values by dotted key, given the choices of components and of an experiment among the overrides."""
    groups = [text for text in overrides if text.partition("=")[0] in (*_CHOSEN, "split", "+experiment")]
    try:
        return dict(_flat(unstructure(to_spec(_composed(groups)))))
    except (RecframeError, *CONFIG_ERRORS):
        return {}


def _flat(mapping: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in mapping.items():
        yield prefix + key, value
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
