"""An error that code written for Model Maker can still catch, and the commonest reasons for it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from recframe.errors import DataError


class ApiValueError(DataError, ValueError):
    """An argument that cannot be used. Model Maker raised ValueError there, so this is one too."""


def require_type(name: str, value: object, kind: type, wanted: str) -> None:
    """Refuse an argument that is of no such type.

    Args:
        wanted: The type in words that a user knows.
    """
    if not isinstance(value, kind):
        raise ApiValueError(f"{name} is a {type(value).__name__}; it must be a {wanted}")


def require_positive(**numbers: int | None) -> None:
    """Refuse an argument below 1; None is not below."""
    for name, number in numbers.items():
        if number is not None and number < 1:
            raise ApiValueError(f"{name} is {number}; it must be at least 1")


def require_file_name(name: str, label: str = "") -> None:
    """Refuse what is a path, or no name.

    Args:
        label: What stands before the name in the message.
    """
    if not name or name in (".", "..") or Path(name).name != name:
        raise ApiValueError(f"{label}{name!r} must be the name of a file, without a folder")


def require_distinct(names: Collection[str]) -> None:
    """Refuse names of which two are equal."""
    if len(set(names)) < len(names):
        raise ApiValueError(f"two of the file names are equal: {', '.join(names)}")
