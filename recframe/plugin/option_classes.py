"""Checks the options of a contribution: a config must be able to hold their defaults and values of their types.

One option that Hydra cannot hold would make every command fail, even if nobody chooses the contribution.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

import attrs

from recframe.errors import PluginError

if TYPE_CHECKING:
    from recframe.plugin.types import Contribution

_SCALARS = (bool, int, float, str, Path, Enum)
_CONTAINERS = (tuple, list, set, frozenset, dict, Sequence, Mapping)
_ALLOWED = "integers, numbers, truth values, texts, paths, enums, and lists, mappings or attrs classes of these"


def require_plain_options(contribution: Contribution) -> None:
    """Raise PluginError if a config cannot hold the default of an option, or a value of its type.

    The option itself must accept its default: it must have the option's type and lie within its range.
    """
    where = f"{type(contribution).__name__} {contribution.name!r}"
    try:
        fields = attrs.fields(attrs.resolve_types(contribution.options))
    except Exception as error:  # annotations are code
        options = contribution.options.__name__
        raise PluginError(
            f"{where}: a type of {options} cannot be resolved: {error}; import it in the module"
        ) from None
    if not fields:
        return
    from recframe.spec.convert import default_problem  # here, since cattrs takes its time

    for field in fields:
        option = f"{where}: option {field.name!r}"
        if field.type is None:
            raise PluginError(f"{option} has no type; write it as in `{field.name}: int = recframe.option(...)`")
        if not _is_readable(field.type):
            raise PluginError(
                f"{option} is of the type {_type_in_words(field.type)}, which a config cannot hold; use {_ALLOWED}"
            )
        default = _default(option, field)
        if default is attrs.NOTHING:
            continue
        if problem := _problem(default):
            raise PluginError(f"{option} has the default {default!r}, {problem}")
        if problem := default_problem(field, default):
            raise PluginError(f"{option} has the default {default!r}, which it does not take: {problem}")


def _default(option: str, field: attrs.Attribute[Any]) -> Any:
    default: Any = field.default
    if not isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        return default
    if default.takes_self:
        raise PluginError(f"{option} has a default that is made from the other options, which a config cannot hold")
    return default.factory()


def _is_readable(annotation: Any) -> bool:
    """Whether a value in a config can be converted to the type."""
    if annotation is Any or annotation is type(None):
        return True
    origin = get_origin(annotation)
    if origin is Literal:
        return True
    if origin in (Union, types.UnionType, *_CONTAINERS):
        return all(argument is ... or _is_readable(argument) for argument in get_args(annotation))
    if not isinstance(annotation, type):
        return False
    return annotation in _CONTAINERS or issubclass(annotation, _SCALARS) or attrs.has(annotation)


def _problem(value: Any) -> str:
    """Why a config cannot hold a value; empty if it can."""
    if isinstance(value, Enum):
        return _problem(value.value)
    if value is None or type(value) in (bool, int, float) or isinstance(value, Path):
        return ""
    if type(value) is str:
        return "in which ${ would be read as a reference to another value" if "${" in value else ""
    if isinstance(value, Mapping):
        bad_key = next((key for key in value if not isinstance(key, str | int)), None)
        if bad_key is not None:
            return f"whose key {bad_key!r} is neither a text nor a whole number"
        return next(filter(None, map(_problem, value.values())), "")
    if isinstance(value, tuple | list | set | frozenset):
        return next(filter(None, map(_problem, value)), "")
    if attrs.has(type(value)):
        return next((p for field in attrs.fields(type(value)) if (p := _problem(getattr(value, field.name)))), "")
    return f"which is of the type {_type_in_words(type(value))}, and a config cannot hold it; use {_ALLOWED}"


def _type_in_words(annotation: Any) -> str:
    return getattr(annotation, "__name__", str(annotation))
