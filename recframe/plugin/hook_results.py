"""Asks the hooks of one plugin, and refuses what is no contribution.

Each plugin is registered alone on a fresh pluggy manager: so the source of every name is known.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

import attrs
import pluggy

from recframe.errors import PluginError
from recframe.errors.nearest import suggestion
from recframe.plugin import hooks
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

#: Keys of a component that are not options of its type.
RESERVED: Mapping[str, frozenset[str]] = {"feature": frozenset({"type", "source"})}


def contributions_of(plugin: Any) -> tuple[list[Contribution], list[str]]:
    """What a plugin contributes, and what its author may want to know; of a single contribution this one.

    Raises:
        PluginError: where a hook is misspelt, not marked, takes arguments, or gives something else.
    """
    if isinstance(plugin, Contribution):
        return list(_checked(next(hook for hook, kind in HOOKS.items() if isinstance(plugin, kind)), [plugin])), []
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
            yielded = list(_checked(caller.name, implementation.function()))
            contributions += yielded
            if not yielded:
                notes.append(f"{caller.name} yields nothing")
    if not callers:
        notes.append("implements no hook; write @recframe.hookimpl above a function such as recframe_encoders")
    return contributions, notes


def _require_known_hooks(manager: pluggy.PluginManager, plugin: Any) -> None:
    """pluggy ignores an unmarked function, and accepts a misspelt one in silence."""
    for name in dir(plugin):
        if not name.startswith("recframe_") or not inspect.isroutine(getattr(plugin, name)):
            continue
        if name not in HOOKS:
            raise PluginError(f"{name} is not a hook of recframe{suggestion(name, HOOKS)}")
        if manager.parse_hookimpl_opts(plugin, name) is None:
            raise PluginError(f"{name} is not marked as a hook; write @recframe.hookimpl above it")


def _checked(hook: str, result: Any) -> Iterator[Contribution]:
    expected = HOOKS[hook]
    if isinstance(result, Contribution | str) or not isinstance(result, Iterable):
        raise PluginError(f"{hook} must yield {expected.__name__} values, but returned {_described(result)}")
    for item in result:
        if not isinstance(item, expected):
            hint = "; have you forgotten the ()?" if inspect.isroutine(item) or isinstance(item, type) else ""
            raise PluginError(f"{hook} must yield {expected.__name__} values, but yielded {_described(item)}{hint}")
        taken = RESERVED.get(item.kind, frozenset({"type"})) & {a.name for a in attrs.fields(item.options)}
        if taken:
            raise PluginError(f"{item.kind} {item.name!r}: an option cannot be called {min(taken)!r}; rename it")
        yield item


def _described(value: Any) -> str:
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if inspect.isroutine(value):
        return f"a function ({value.__name__})"
    if isinstance(value, ModuleType):
        return f"the module {value.__name__}"
    if isinstance(value, Contribution):
        return f"{type(value).__name__} {value.name!r}"
    return f"{type(value).__name__} {value!r:.80}" if value is not None else "None"
