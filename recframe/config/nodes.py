"""Makes config nodes from the spec classes and the installed plugins, and lets Hydra compose them.

conf/config.yaml chooses among these nodes. It chooses the same names as `DEFAULT_COMPONENTS`, which Python users get
without Hydra. A test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from hydra import compose as hydra_compose, initialize_config_module
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.version import VersionBase
from omegaconf import DictConfig, OmegaConf

from recframe.plugin.manager import load_plugins
from recframe.plugin.registry import Registries
from recframe.spec import experiment as specs
from recframe.spec.convert import default_values
from recframe.spec.split import SplitSpec

CONFIG_MODULE = "recframe.conf"
CONFIG_NAME = "config"

#: Options of a command that are not part of the spec: a file of Model Maker's, and whether a run may replace another.
COMMAND_OPTIONS = {"input_spec": None, "overwrite": False}
#: The config groups whose choices come from the registries.
COMPONENT_GROUPS = ("dataset", "encoder", "loss")


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
    values |= COMMAND_OPTIONS
    node = OmegaConf.create(values)
    # The user names groups and features, so keys may be added here without a +. The converter refuses wrong ones.
    OmegaConf.set_struct(node.groups, False)
    return node


def compose_config(overrides: list[str]) -> DictConfig:
    """The config that Hydra composes. Its global state stays as it is, also inside a Hydra application."""
    register()
    # Hydra's initialize replaces the caller's Hydra and the version base. So both are saved and put back.
    caller, base = GlobalHydra.instance().hydra, VersionBase.instance().version_base
    GlobalHydra.instance().hydra = None
    try:
        with initialize_config_module(config_module=CONFIG_MODULE, version_base="1.3"):
            return hydra_compose(config_name=CONFIG_NAME, overrides=overrides)
    finally:
        GlobalHydra.instance().hydra = caller
        VersionBase.instance().version_base = base


def spec_values(plain: object) -> dict[str, Any]:
    """The part of a composed config that makes the spec."""
    values = plain.items() if isinstance(plain, Mapping) else ()
    return {str(key): value for key, value in values if key not in COMMAND_OPTIONS}
