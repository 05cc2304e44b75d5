"""Loads the plugins one at a time, and builds the registries: a plugin that fails is reported and harms no other."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import attrs
from attrs import field, frozen

from recframe.errors import DuplicateNameError, PluginError
from recframe.plugin.finding import Candidate, builtins, candidate_of, installed, module_of
from recframe.plugin.guard import guarded
from recframe.plugin.loading import SLOW, Outcome, failed, load_one
from recframe.plugin.provider import Origin, Provider, normalised
from recframe.plugin.registry import Registries
from recframe.plugin.types import Contribution

ALLOWED = "RECFRAME_PLUGINS"


@frozen
class PluginInfo:
    """The outcome of loading one plugin.

    Attributes:
        name: The name of the entry point; for a built-in, its module.
        status: `ok`, `failed` (see `error`) or `disabled` (left out of RECFRAME_PLUGINS).
        contributions: The names that the plugin provides, by kind, as a config chooses them.
        notes: Warnings for its author: a name that another plugin has too, a hook that yields nothing.
        seconds: How long it took to load.
    """

    name: str
    distribution: str
    version: str
    status: str
    contributions: Mapping[str, tuple[str, ...]] = field(factory=dict)
    error: str | None = None
    notes: tuple[str, ...] = ()
    seconds: float = 0.0


@frozen
class Loaded:
    """The registries, and the outcome of loading each plugin."""

    registries: Registries
    infos: tuple[PluginInfo, ...]


_IN_USE: ContextVar[Registries | None] = ContextVar("registries in use", default=None)


def load_plugins() -> Registries:
    """The contributions of all installed plugins, by kind and name. They are loaded once for each RECFRAME_PLUGINS."""
    return _IN_USE.get() or _of_environment().registries


def plugin_infos() -> tuple[PluginInfo, ...]:
    """Every plugin that is installed, including those that failed or are disabled."""
    return _of_environment().infos


@contextmanager
def using(plugins: Iterable[Any]) -> Iterator[Registries]:
    """In the block, `load_plugins` also gives what these plugins contribute, which need not be installed.

    Args:
        plugins: Modules or objects with hooks, and single contributions.

    Raises:
        PluginError: if one breaks a rule that installed plugins follow, or has a name of a built-in.
    """
    registries = load_plugins()
    if not isinstance(plugins, Iterable) or isinstance(plugins, str):
        raise PluginError(f"plugins expects a list of modules and contributions, as [{module_of(plugins)}]")
    for plugin in plugins:
        registries = _with_given(registries, plugin)
    token = _IN_USE.set(registries)
    try:
        yield registries
    finally:
        _IN_USE.reset(token)


def load(extra: Iterable[tuple[str, Any]] = (), *, allowed: str | None = None, strict: bool = False) -> Loaded:
    """Load the built-ins, the installed plugins and the `extra` plugins, without any cache.

    Args:
        extra: Name and module (or object) of plugins that are not installed, for tests. Each counts as a distribution.
        allowed: Distributions that may load, separated by commas; None for all, empty for the built-ins alone.
        strict: Whether the first failure raises PluginError.
    """
    names = None if allowed is None else {normalised(name) for name in allowed.split(",") if name.strip()}
    others = list(installed())
    outcomes = [load_one(candidate, strict) for candidate in builtins()]
    for candidate in others:
        wanted = names is None or normalised(candidate.provider.distribution) in names
        outcomes.append(load_one(candidate, strict) if wanted else Outcome(candidate, status="disabled"))
    outcomes += [load_one(candidate_of(plugin, Provider(name, "0")), strict) for name, plugin in extra]
    registries, outcomes = _merged(outcomes, strict)
    infos = [_info(outcome, registries) for outcome in outcomes]
    for absent in sorted((names or set()) - {normalised(candidate.provider.distribution) for candidate in others}):
        error = f"{ALLOWED} names {absent!r}, but no installed distribution of that name is a recframe plugin"
        if strict:
            raise PluginError(error)
        infos.append(PluginInfo(absent, absent, "", "failed", error=error))
    return Loaded(registries, tuple(infos))


def _of_environment() -> Loaded:
    return _cached(os.environ.get(ALLOWED), os.environ.get("RECFRAME_STRICT_PLUGINS", "0") not in ("", "0"))


@functools.cache
def _cached(allowed: str | None, strict: bool) -> Loaded:
    return load(allowed=allowed, strict=strict)


def _merged(outcomes: Iterable[Outcome], strict: bool) -> tuple[Registries, list[Outcome]]:
    """The registries of all plugins. Each plugin adds all of its contributions or none."""
    registries, merged = Registries(), list[Outcome]()
    for outcome in outcomes:
        try:
            registries = _with_contributions(registries, outcome.contributions, outcome.candidate)
        except DuplicateNameError as failure:
            outcome = failed(outcome.candidate, failure, strict)
        merged.append(outcome)
    return registries, merged


def _with_contributions(
    registries: Registries, contributions: Iterable[Contribution], candidate: Candidate
) -> Registries:
    provider = candidate.provider
    if not provider.builtin:
        origin = Origin(provider, candidate.package)
        contributions = [guarded(contribution, origin) for contribution in contributions]
    return registries.extended(contributions, provider)


def _with_given(registries: Registries, plugin: Any) -> Registries:
    single = isinstance(plugin, Contribution)
    module = module_of(_code_of(plugin) if single else plugin) or type(plugin).__name__
    # A contribution is of a class of ours; the code that an error blames is that of its functions.
    candidate = attrs.evolve(candidate_of(plugin, Provider(module, "", given=True)), package=module.partition(".")[0])
    outcome = load_one(candidate, strict=True)
    if not outcome.contributions:
        raise PluginError(f"plugin {module!r} (given in Python): {'; '.join(outcome.notes)}")
    try:
        return _with_contributions(registries, outcome.contributions, candidate)
    except DuplicateNameError as failure:
        raise PluginError(f"plugin {module!r} (given in Python): {failure}") from failure


def _code_of(contribution: Contribution) -> Any:
    """The contribution's first function, whose module an error names."""
    return next(getattr(contribution, a.name) for a in attrs.fields(type(contribution)) if a.metadata.get("function"))


def _info(outcome: Outcome, registries: Registries) -> PluginInfo:
    candidate, notes, names = outcome.candidate, list(outcome.notes), dict[str, tuple[str, ...]]()
    for contribution in outcome.contributions:
        registry, kind = registries.of(contribution.kind), contribution.kind
        names[kind] = (*names.get(kind, ()), registry.shown(contribution.name, candidate.provider))
        if clash := registry.clash(contribution.name):
            notes.append(clash)
    if outcome.seconds >= SLOW and not candidate.provider.builtin:
        notes.append(f"takes {outcome.seconds:.1f} s to load; import what is large inside of functions")
    provider = candidate.provider
    return PluginInfo(
        candidate.name,
        provider.distribution,
        provider.version,
        outcome.status,
        names,
        outcome.error,
        tuple(notes),
        outcome.seconds,
    )
