"""Finds the plugins, loads them one at a time, and builds the registries.

Each plugin is registered alone on a new pluggy manager. So the source of every name is known, and a plugin that fails
does no harm to the others.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import metadata
from typing import Any

import attrs
import pluggy
from attrs import field, frozen

from recframe.errors import DuplicateNameError, PluginError
from recframe.errors.nearest import suggestion
from recframe.plugin import hooks
from recframe.plugin.guard import described_in_full, guarded
from recframe.plugin.option_classes import require_plain_options
from recframe.plugin.origin import Origin, package_of, place_in
from recframe.plugin.registry import Registries, duplicate_message
from recframe.plugin.types import (
    CommandType,
    Contribution,
    DatasetType,
    EncoderType,
    ExporterType,
    FeatureType,
    LossType,
)
from recframe.process.native_output import quiet_native_output
from recframe.process.version import own_version

ENTRY_POINT_GROUP = "recframe"

#: The modules of the plugins that ship with recframe. They are not imported here, so that the core depends on none.
BUILTINS: tuple[str, ...] = (
    "recframe.builtin.encoders.bow",
    "recframe.builtin.encoders.cnn",
    "recframe.builtin.encoders.lstm",
    "recframe.builtin.features.integer",
    "recframe.builtin.features.string",
    "recframe.builtin.features.number",
    "recframe.builtin.features.buckets",
    "recframe.builtin.features.strings",
    "recframe.builtin.losses.softmax",
    "recframe.builtin.losses.in_batch",
    "recframe.builtin.losses.sampled_softmax",
    "recframe.builtin.losses.gbce",
    "recframe.builtin.losses.bpr",
    "recframe.builtin.datasets.synthetic.dataset",
    "recframe.builtin.datasets.movielens.dataset",
    "recframe.builtin.datasets.tabular.dataset",
    "recframe.builtin.exporters.tflite",
    "recframe.builtin.exporters.saved_model",
    "recframe.builtin.exporters.android",
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


@frozen
class PluginInfo:
    """The outcome of loading one plugin.

    Attributes:
        name: The name of the entry point; for a built-in, its module.
        status: `ok`, `failed` (see `error`) or `disabled` (left out of RECFRAME_PLUGINS).
        contributions: The names that the plugin provides, by kind.
    """

    name: str
    distribution: str
    version: str
    status: str
    contributions: Mapping[str, tuple[str, ...]] = field(factory=dict)
    error: str | None = None


@frozen
class Loaded:
    """The registries, and the outcome of loading each plugin."""

    registries: Registries
    infos: tuple[PluginInfo, ...]


@frozen
class _Candidate:
    name: str
    distribution: str
    version: str
    load: Callable[[], Any]
    builtin: bool = False
    package: str = ""  # top-level, of the plugin's code

    @property
    def origin(self) -> Origin:
        return Origin(self.distribution, self.version, self.package)

    @property
    def source(self) -> str:
        return f"{self.distribution} {self.version}{' (built-in)' if self.builtin else ''}"


@frozen
class _ReadPlugin:
    """A plugin and its contributions. A plugin that failed or is disabled has none."""

    candidate: _Candidate
    info: PluginInfo
    contributions: Sequence[Contribution] = ()

    def failed(self, failure: BaseException, strict: bool) -> _ReadPlugin:
        """The plugin, marked as failed. With `strict` it raises PluginError instead."""
        error = str(failure) if isinstance(failure, PluginError) else f"{type(failure).__name__}: {failure}"
        if place := place_in(failure, self.candidate.package):
            error += f" ({place})"
        if strict:
            who = f"plugin {self.candidate.name!r} ({self.candidate.source})"
            raise PluginError(f"{who} failed: {error}") from failure
        return _ReadPlugin(self.candidate, attrs.evolve(self.info, status="failed", contributions={}, error=error))


def load_plugins() -> Registries:
    """The contributions of all installed plugins, by kind and name. They are loaded once for each RECFRAME_PLUGINS."""
    return _cached(os.environ.get("RECFRAME_PLUGINS"), _strict()).registries


def plugin_infos() -> tuple[PluginInfo, ...]:
    """Every plugin that is installed, including those that failed or are disabled."""
    return _cached(os.environ.get("RECFRAME_PLUGINS"), _strict()).infos


def load(extra: Iterable[tuple[str, Any]] = (), *, allowed: str | None = None, strict: bool = False) -> Loaded:
    """Load the built-ins, the installed plugins and the `extra` plugins, without any cache.

    Args:
        extra: Name and module (or object) of plugins that are not installed, for tests and notebooks.
        allowed: Distributions that may load, separated by commas; None for all, empty for the built-ins alone.
        strict: Whether the first failure raises PluginError.
    """
    names = None if allowed is None else {_canonical(name) for name in allowed.split(",") if name.strip()}
    installed = list(_installed())
    read = [_read(candidate, names, strict) for candidate in (*_builtins(), *installed)]
    for name, plugin in extra:
        candidate = _Candidate(name, name, "0", functools.partial(_return, plugin), package=package_of(plugin))
        read.append(_read(candidate, None, strict))
    registries, read = _merged(read, strict)
    infos = [plugin.info for plugin in read]
    for absent in sorted((names or set()) - {_canonical(candidate.distribution) for candidate in installed}):
        error = f"RECFRAME_PLUGINS names {absent!r}, but no installed distribution of that name is a recframe plugin"
        if strict:
            raise PluginError(error)
        infos.append(PluginInfo(absent, absent, "", "failed", error=error))
    return Loaded(registries, tuple(infos))


@functools.cache
def _cached(allowed: str | None, strict: bool) -> Loaded:
    return load(allowed=allowed, strict=strict)


def _strict() -> bool:
    return os.environ.get("RECFRAME_STRICT_PLUGINS", "0") not in ("", "0")


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def _return(plugin: Any) -> Any:
    return plugin


def _builtins() -> Iterator[_Candidate]:
    version = own_version()
    for name in BUILTINS:
        yield _Candidate(name, "recframe", version, functools.partial(importlib.import_module, name), builtin=True)


def _installed() -> Iterator[_Candidate]:
    # Sorted, since the order of the files on the disk differs between machines.
    points = [(point, point.dist) for point in metadata.entry_points(group=ENTRY_POINT_GROUP)]
    for point, dist in sorted(points, key=lambda pair: (pair[1].name if pair[1] else "", pair[0].name)):
        name, version = (dist.name, dist.version) if dist else (point.name, "0")
        package = point.value.partition(":")[0].partition(".")[0]
        yield _Candidate(point.name, name, version, point.load, package=package)


def _read(candidate: _Candidate, names: set[str] | None, strict: bool) -> _ReadPlugin:
    """Import one plugin and call its hooks, unless its distribution is not allowed to load."""
    info = PluginInfo(candidate.name, candidate.distribution, candidate.version, "ok")
    if not candidate.builtin and names is not None and _canonical(candidate.distribution) not in names:
        return _ReadPlugin(candidate, attrs.evolve(info, status="disabled"))
    try:
        # Some plugins import TensorFlow, which prints.
        with contextlib.nullcontext() if candidate.builtin else quiet_native_output():
            plugin = candidate.load()
        yielded = _contributions(plugin)
        for contribution in [] if candidate.builtin else yielded:  # tests check the built-in ones
            require_plain_options(contribution)
    except (Exception, SystemExit) as failure:  # no failure of a plugin may end the command
        return _ReadPlugin(candidate, info).failed(failure, strict)
    kinds: dict[str, tuple[str, ...]] = {}
    for contribution in yielded:
        kinds[contribution.kind] = (*kinds.get(contribution.kind, ()), contribution.name)
    return _ReadPlugin(candidate, attrs.evolve(info, contributions=kinds), yielded)


def _merged(read: list[_ReadPlugin], strict: bool) -> tuple[Registries, list[_ReadPlugin]]:
    """The registries of all plugins. Each plugin adds all of its contributions or none.

    A built-in keeps its name. If two other plugins provide the same name, both fail, since any order between them would
    be arbitrary.
    """
    builtin = Registries()
    for plugin in read:
        if plugin.candidate.builtin:
            builtin = builtin.extended(plugin.contributions, plugin.candidate.source)
    kept, providers = list[_ReadPlugin](), dict[tuple[str, str], list[str]]()
    for plugin in read:
        if not plugin.candidate.builtin:
            try:
                builtin.extended(plugin.contributions, plugin.candidate.source)
            except DuplicateNameError as failure:
                plugin = plugin.failed(failure, strict)
            for contribution in plugin.contributions:
                providers.setdefault((contribution.kind, contribution.name), []).append(plugin.candidate.source)
        kept.append(plugin)
    clashes = {key: duplicate_message(*key, *sources) for key, sources in providers.items() if len(sources) > 1}
    registries, merged = builtin.with_refused(clashes), list[_ReadPlugin]()
    for plugin in kept:
        if not plugin.candidate.builtin:
            shared = [clashes[key] for c in plugin.contributions if (key := (c.kind, c.name)) in clashes]
            if shared:
                plugin = plugin.failed(DuplicateNameError("; ".join(shared)), strict)
            named = [guarded(contribution, plugin.candidate.origin) for contribution in plugin.contributions]
            registries = registries.extended(named, plugin.candidate.source)
        merged.append(plugin)
    return registries, merged


def _contributions(plugin: Any) -> list[Contribution]:
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    _require_known_hooks(manager, plugin)
    try:
        manager.register(plugin)
    except pluggy.PluginValidationError as error:
        raise PluginError(f"{error}; a recframe hook takes no arguments") from error
    for caller in manager.get_hookcallers(plugin) or []:
        if not caller.has_spec():
            raise PluginError(f"{caller.name} is not a hook of recframe{suggestion(caller.name, HOOKS)}")
    return [item for hook in HOOKS for result in getattr(manager.hook, hook)() for item in _validated(hook, result)]


def _require_known_hooks(manager: pluggy.PluginManager, plugin: Any) -> None:
    """Raise PluginError for an unmarked or misspelt hook: pluggy ignores the one and accepts the other."""
    for name in dir(plugin):
        if not name.startswith("recframe_") or not inspect.isroutine(getattr(plugin, name)):
            continue
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
