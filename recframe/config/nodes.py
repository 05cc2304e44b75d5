"""Makes config nodes from the spec classes and the installed plugins, and lets Hydra compose them.

conf/config.yaml chooses among these nodes. It chooses the same names as `DEFAULT_COMPONENTS`, which Python users get
without Hydra. A test compares the two.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import attrs
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.config_store import ConfigStore
from hydra.types import RunMode
from hydra.version import VersionBase, base_at_least, setbase
from omegaconf import DictConfig, OmegaConf, open_dict

from recframe.config.run_folders import provide_own_folders
from recframe.config.sources import OURS, Sources, search_path
from recframe.plugin.manager import load_plugins
from recframe.plugin.registry import Registries
from recframe.spec import experiment as specs
from recframe.spec.convert import default_values
from recframe.spec.split import SplitSpec

#: Options of a command that are not part of the spec: a file of Model Maker's, and whether a run may replace another.
#: conf/command.yaml has their defaults.
COMMAND_OPTIONS = ("input_spec", "overwrite")
#: The config groups whose choices come from the registries.
COMPONENT_GROUPS = ("dataset", "encoder", "loss")
#: Hydra keeps its ConfigStore, its plugins and its version in globals.
_ONE_AT_A_TIME = threading.RLock()


def register(registries: Registries | None = None) -> None:
    """Put a node for every registered name, and the node `recframe`, into Hydra's ConfigStore."""
    registries = registries or load_plugins()
    store = ConfigStore.instance()
    for kind in COMPONENT_GROUPS:
        registry = registries.of(kind)
        for name in registry.spellings():
            node = {"type": name, **default_values(registry[name].options)}
            store.store(group=kind, name=name, node=node, provider=registry.source(name))
    split = default_values(SplitSpec)
    for name in attrs.fields_dict(SplitSpec)["type"].metadata["choices"]:
        store.store(group="split", name=name, node={**split, "type": name}, provider="recframe")
    store.store(name="recframe", node=_rest(), provider="recframe")


def provide() -> None:
    """Register what recframe's configs need, for an application that has them in its searchpath."""
    with _ONE_AT_A_TIME:
        register()
        provide_own_folders()


def _rest() -> Any:
    """The node `recframe`: every part of a spec that no config group chooses."""
    values: dict[str, Any] = {}
    for field in attrs.fields(attrs.resolve_types(specs.ExperimentSpec)):
        if field.name in (*COMPONENT_GROUPS, "split", "groups", "exporters"):
            continue
        values[field.name] = default_values(field.type) if field.type and attrs.has(field.type) else field.default
    values["exporters"] = list(specs.DEFAULT_EXPORTERS)
    groups = {name: {"features": dict(group["features"])} for name, group in specs.DEFAULT_GROUPS.items()}
    for feature in (feature for group in groups.values() for feature in group["features"].values()):
        source = attrs.fields_dict(specs.FeatureSpec)["source"].default
        feature.setdefault("source", source)
    values["groups"] = OmegaConf.create(groups)
    node = OmegaConf.create(values)
    # The user names groups and features, so keys may be added here without a +. The converter refuses wrong ones.
    OmegaConf.set_struct(node.groups, False)
    return node


def compose_config(overrides: Sequence[str], sources: Sources = OURS) -> DictConfig:
    """The config that Hydra composes, as a job gets it."""
    config = composed_with_hydra(overrides, sources)
    with open_dict(config):
        del config["hydra"]
    return config


def composed_with_hydra(overrides: Sequence[str], sources: Sources = OURS, mode: RunMode = RunMode.RUN) -> DictConfig:
    """The config that Hydra composes, with its own settings under `hydra`.

    Hydra's `compose` works on a global, which an application may use in another thread. So this uses its own loader.
    """
    with _ONE_AT_A_TIME, _as_version("1.3"):
        register()
        loader = ConfigLoaderImpl(config_search_path=search_path(sources))
        return loader.load_configuration(sources.primary, list(overrides), run_mode=mode, from_shell=False)


@contextmanager
def _as_version(wanted: str) -> Iterator[None]:
    """In the block, Hydra behaves at least as this version; an application may have asked for an older one."""
    holder = VersionBase.instance()
    before = holder.version_base
    if not base_at_least(wanted):
        setbase(wanted)
    try:
        yield
    finally:
        holder.version_base = before


def spec_values(plain: object) -> dict[str, Any]:
    """The part of a composed config that makes the spec."""
    values = plain.items() if isinstance(plain, Mapping) else ()
    return {str(key): value for key, value in values if key not in (*COMMAND_OPTIONS, "hydra")}
