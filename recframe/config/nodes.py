"""Config nodes, made from the spec classes and the installed plugins, and what Hydra composes from them.

conf/config.yaml chooses among these nodes. The names that it chooses are those of `DEFAULT_COMPONENTS`, which Python
users get without Hydra; a test holds the two equal.
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
from recframe.spec.convert import options_of
from recframe.spec.split import SplitSpec

CONFIG_MODULE = "recframe.conf"
CONFIG_NAME = "config"

#: What a command takes besides the spec: a file of Model Maker's, and whether a run may replace another.
BESIDE = {"input_spec": None, "overwrite": False}
#: The config groups that the registries fill.
CHOSEN = ("dataset", "encoder", "loss")


def register(registries: Registries | None = None) -> None:
    """Put a node for every registered name, and the node `recframe`, into Hydra's ConfigStore."""
    registries = registries or load_plugins()
    store = ConfigStore.instance()
    for kind in CHOSEN:
        registry = registries.of(kind)
        for name in registry.spellings():
            node = {"type": name, **options_of(registry[name].options)}
            store.store(group=kind, name=name, node=node, provider=registry.source(name))
    split = options_of(SplitSpec)
    for name in attrs.fields_dict(SplitSpec)["type"].metadata["choices"]:
        store.store(group="split", name=name, node={**split, "type": name}, provider="recframe")
    store.store(name="recframe", node=_rest(), provider="recframe")


def _rest() -> Any:
    """The node `recframe`: every part of a run that no config group chooses."""
    values: dict[str, Any] = {}
    for field in attrs.fields(attrs.resolve_types(specs.ExperimentSpec)):
        if field.name in (*CHOSEN, "split", "groups", "exporters"):
            continue
        values[field.name] = options_of(field.type) if field.type and attrs.has(field.type) else field.default
    values["exporters"] = list(specs.DEFAULT_EXPORTERS)
    groups = {name: {"features": dict(group["features"])} for name, group in specs.DEFAULT_GROUPS.items()}
    for feature in (feature for group in groups.values() for feature in group["features"].values()):
        source = attrs.fields_dict(specs.FeatureSpec)["source"].default
        feature.setdefault("source", source)
    values["groups"] = OmegaConf.create(groups)
    values |= BESIDE
    node = OmegaConf.create(values)
    # Groups and features are named by the user: keys may be added without a +. The converter refuses wrong ones.
    OmegaConf.set_struct(node.groups, False)
    return node


def composed(overrides: list[str]) -> DictConfig:
    """What Hydra makes of the overrides. Its global state is as before afterwards, also inside a Hydra application."""
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


def spec_values(plain: object) -> dict[str, Any]:
    """Of a composed config, what the spec is made of."""
    values = plain.items() if isinstance(plain, Mapping) else ()
    return {str(key): value for key, value in values if key not in BESIDE}
