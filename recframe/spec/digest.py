"""The hash of values that Python does not hash: mappings and lists, and attrs classes that hold them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs


def hash_of(value: Any) -> int:
    """The same for equal values."""
    return hash(_hashable(value))


def _hashable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return frozenset((key, _hashable(item)) for key, item in value.items())
    if isinstance(value, list | tuple):
        return tuple(map(_hashable, value))
    if isinstance(value, set | frozenset):
        return frozenset(map(_hashable, value))
    if attrs.has(type(value)):
        return type(value), *(_hashable(getattr(value, field.name)) for field in attrs.fields(type(value)))
    return value
