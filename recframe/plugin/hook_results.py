"""Calls the hooks of one plugin, and refuses what is no contribution.

Each plugin is registered alone on a new pluggy manager, so that the source of every name is known.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs
import pluggy

from recframe.errors import PluginError
from recframe.errors.nearest import suggestion
from recframe.plugin import hooks
from recframe.plugin.guard import described_in_full
from recframe.plugin.origin import placed
from recframe.plugin.types import (
    CommandType,
    Contribution,
    DatasetType,
    EncoderType,
    ExporterType,
    FeatureType,
    LossType,
)

HOOKS: Mapping[str, type[Contribution]] = {
    "recframe_encoders": EncoderType,
    "recframe_feature_types": FeatureType,
    "recframe_losses": LossType,
    "recframe_datasets": DatasetType,
    "recframe_exporters": ExporterType,
    "recframe_commands": CommandType,
}

#: Keys of a component in a config that cannot be options of a contribution.
RESERVED: Mapping[str, frozenset[str]] = {"feature": frozenset({"type", "source"})}


def contributions_of(plugin: Any) -> tuple[list[Contribution], list[str]]:
    """The contributions of a plugin and warnings for its author. `plugin` may be a single contribution.

    Raises:
        PluginError: if a hook is misspelt, not marked, takes arguments, or yields something else.
    """
    if isinstance(plugin, Contribution):
        return list(_validated(next(hook for hook, kind in HOOKS.items() if isinstance(plugin, kind)), [plugin])), []
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    _require_known_hooks(manager, plugin)
    try:
        manager.register(plugin)
    except pluggy.PluginValidationError as error:
        raise PluginError(f"{error}; a recframe hook takes no arguments") from error
    contributions, notes = list[Contribution](), list[str]()
    callers = manager.get_hookcallers(plugin) or []
    for caller in callers:
        if not caller.has_spec():
            raise PluginError(f"{caller.name} is not a hook of recframe{suggestion(caller.name, HOOKS)}")
        for implementation in caller.get_hookimpls():
            result = implementation.function()
            with placed(implementation.function):
                yielded = list(_validated(caller.name, result))
            contributions += yielded
            if not yielded:
                notes.append(f"{caller.name} yields nothing")
    if not callers:
        notes.append("implements no hook; write @recframe.hookimpl above a function such as recframe_encoders")
    return contributions, notes


def _require_known_hooks(manager: pluggy.PluginManager, plugin: Any) -> None:
    """Raise PluginError for an unmarked or misspelt hook: pluggy ignores the one and accepts the other."""
    for name in dir(plugin):
        if not name.startswith("recframe_") or not inspect.isroutine(getattr(plugin, name)):
            continue
        with placed(getattr(plugin, name)):
            if name not in HOOKS:
                raise PluginError(f"{name} is not a hook of recframe{suggestion(name, HOOKS)}")
            if manager.parse_hookimpl_opts(plugin, name) is None:
                raise PluginError(f"{name} is not marked as a hook; write @recframe.hookimpl above it")


def _validated(hook: str, result: Any) -> Iterator[Contribution]:
    expected = HOOKS[hook]
    if isinstance(result, Contribution | str) or not isinstance(result, Iterable):
        raise PluginError(f"{hook} must yield {expected.__name__} values, but returned {described_in_full(result)}")
    for item in result:
        if not isinstance(item, expected):
            hint = "; have you forgotten the ()?" if inspect.isroutine(item) or isinstance(item, type) else ""
            raise PluginError(
                f"{hook} must yield {expected.__name__} values, but yielded {described_in_full(item)}{hint}"
            )
        reserved = RESERVED.get(item.kind, frozenset({"type"})) & {a.name for a in attrs.fields(item.options)}
        if reserved:
            raise PluginError(f"{item.kind} {item.name!r}: an option cannot be called {min(reserved)!r}; rename it")
        yield item
