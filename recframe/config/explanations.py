"""Writes one clear message for each wrong override, instead of the messages of Hydra and OmegaConf."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from recframe.config.nodes import COMMAND_OPTIONS, COMPONENT_GROUPS, compose_config, spec_values
from recframe.config.sources import OURS, OWN, Sources
from recframe.errors import Problem, RecframeError, SpecError, UnknownNameError
from recframe.errors.nearest import listing, nearest, suggestion
from recframe.errors.shell import override
from recframe.plugin.manager import load_plugins
from recframe.spec.convert import default_values, structure, unstructure

#: The errors that Hydra and OmegaConf raise for wrong input.
CONFIG_ERRORS = (HydraException, OmegaConfBaseException)
#: The config groups that every run chooses from.
GROUPS = (*COMPONENT_GROUPS, "split")
#: Choices that need the extra of the same name.
_EXTRAS = {("hydra/sweeper", "optuna"), ("hydra/launcher", "joblib")}
#: Hydra's message about A,B without -m.
_SEVERAL = re.compile(r"Ambiguous value for argument '(.*)'")
#: Hydra's message about a key that does not exist.
_UNKNOWN = re.compile(r"Could not override '?([^'\s]+?)'?(?:\.?\s|\.?$)")


def explain(error: BaseException, overrides: Sequence[str] = (), sources: Sources = OURS) -> list[Problem]:
    """One clear message for each mistake, with the nearest key or choice.

    Hydra stops at the first wrong override. So the rest is composed again without it, until no override is wrong.

    Args:
        error: The error of Hydra or OmegaConf from composing the overrides.
    """
    problems, remaining = [], list(overrides)
    while True:
        problems.append(_problem(error, remaining, sources))
        wrong = _wrong_override(error, remaining)
        if wrong is None:
            return problems
        remaining.remove(wrong)
        try:
            plain = OmegaConf.to_container(compose_config(remaining, sources), resolve=True)
            break
        except CONFIG_ERRORS as further:
            error = further
    try:
        if isinstance(plain, Mapping) and plain.get("input_spec") is None:
            structure(spec_values(plain), load_plugins())
    except SpecError as further:
        problems += [problem for problem in further.mistakes if problem not in problems]
    return problems


def require_names(overrides: Sequence[str]) -> None:
    """Raise SpecError for a component that is removed, has no name, or would keep the options of another component."""
    for text in overrides:
        key, equals, value = (part.strip() for part in text.partition("="))
        if key.startswith("~") and key[1:].partition("@")[0] in GROUPS:
            raise SpecError(f"{text}: a run needs a {key[1:]}; choose another one by name, as in `{key[1:]}=NAME`")
        kind = key.removesuffix(".type")
        if kind not in COMPONENT_GROUPS or not equals:
            continue
        if kind != key or value.startswith("{"):
            raise SpecError(_by_name(kind))
        if value in ("", "null"):
            raise SpecError(f"{key}: needs a name. There are: {', '.join(load_plugins().of(key).names())}")


def _by_name(kind: str) -> str:
    return f"{kind}: choose by name, and set options one by one, as in `encoder=cnn encoder.kernel_size=3`"


def _settled(kind: str, sources: Sources) -> str:
    return (
        f"{kind}: {sources.shown} has its {kind} written out; change its options, as in `{kind}.OPTION=VALUE`, or "
        f"leave --config-name out to choose another one with `{kind}=NAME`"
    )


def _wrong_override(error: BaseException, overrides: Sequence[str]) -> str | None:
    """The override that the error is about; None if it is not about one override."""
    if isinstance(error, OverrideParseException):
        return error.override if error.override in overrides else None
    if isinstance(error, MissingConfigException):
        key = (error.missing_cfg_file or "").rpartition("/")[0]
    else:
        unknown = _UNKNOWN.search(str(error))
        key = unknown.group(1) if unknown else ""
    matching = [text for text in overrides if key and text.partition("=")[0].lstrip("+~").partition("@")[0] == key]
    return matching[-1] if matching else None


def _problem(error: BaseException, overrides: Sequence[str], sources: Sources) -> Problem:
    if isinstance(error, MissingConfigException):
        if error.missing_cfg_file == sources.primary:
            return Problem(sources.no_primary())
        group, slash, name = (error.missing_cfg_file or "").rpartition("/")
        if slash and group in COMPONENT_GROUPS:
            try:
                load_plugins().of(group)[name]
            except UnknownNameError as unknown_name:  # it has the reason if a plugin with this name was refused
                return Problem(str(unknown_name), (group,), unknown=group)
        if slash:
            hint = f"; pip install 'recframe[{name}]' brings it" if (group, name) in _EXTRAS else ""
            return Problem(
                f"no {group} {name!r}{hint or listing(name, list(error.options or ()), 'There are')}", (group,)
            )
    return Problem(_explained(error, overrides, sources))


def _explained(error: BaseException, overrides: Sequence[str], sources: Sources) -> str:
    text = str(error)
    if several := _SEVERAL.match(text):
        return f"{several.group(1)}: several values; add -m to run once for each, or write a list as [A,B]"
    if isinstance(error, OverrideParseException):
        reason = text.split("\nSee https://")[0].splitlines()[0]
        key, _, value = error.override.partition("=")
        hint = f", or {override(key, value)} if the value is a text" if key and value else ""
        return f"{error.override}: not an override: {reason}; write KEY=VALUE, quoted if the shell needs it{hint}"
    unknown = _UNKNOWN.search(text)
    if unknown:
        key = unknown.group(1)
        values = _values(overrides, sources)
        if key in GROUPS:
            return _by_name(key) if sources.main == OWN else _settled(key, sources)
        if key == "experiment":
            return "experiment: write +experiment=NAME, with a plus; `recframe --help` lists the names"
        kind, _, option = key.partition(".")
        if kind in COMPONENT_GROUPS and f"{kind}.type" in values:
            return f"{key}: {_no_option(kind, str(values[f'{kind}.type']), option)}"
        return f"{key}: unknown key{suggestion(key, [*values, *COMMAND_OPTIONS])}"
    return text.split("\nSee https://")[0].strip()


def _no_option(kind: str, name: str, option: str) -> str:
    """The message that a component has no such option, with the nearest option, or the components that have it."""
    registry = load_plugins().of(kind)
    near = nearest(option, [key for key, _ in _flat(default_values(registry[name].options))])
    owners = [other for other in registry.names() if option in default_values(registry[other].options)]
    if near:
        hint = f"; did you mean '{kind}.{near}'?"
    elif owners:
        hint = f"; {' or '.join(f'{kind}={other}' for other in owners)} has one"
    else:
        hint = f"; `recframe describe {kind}/{name}` lists its options"
    return f"{kind} {name!r} has no option {option!r}{hint}"


def _values(overrides: Sequence[str], sources: Sources) -> dict[str, Any]:
    """The values by dotted key, given the choices of components and of an experiment among the overrides."""
    groups = [text for text in overrides if text.partition("=")[0] in (*GROUPS, "+experiment")]
    try:
        plain = OmegaConf.to_container(compose_config(groups, sources), resolve=True)
        values = spec_values(plain)
    except (RecframeError, *CONFIG_ERRORS):
        return {}
    try:
        return dict(_flat(unstructure(structure(values, load_plugins()))))
    except RecframeError:  # an option that has no default is not set
        return dict(_flat(values))


def _flat(mapping: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in mapping.items():
        yield prefix + key, value
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
