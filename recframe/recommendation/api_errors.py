"""The error that code written for Model Maker can still catch, and the checks that raise it most often."""

from __future__ import annotations

from pathlib import Path

from recframe.errors import DataError


class ApiValueError(DataError, ValueError):
    """An argument that cannot be used; a ValueError, as in Model Maker."""


def require_type(name: str, value: object, kind: type, wanted: str) -> None:
    """Refuse an argument of another type. `wanted` is the type in a user's words."""
    if not isinstance(value, kind):
        raise ApiValueError(f"{name} is a {type(value).__name__}; it must be a {wanted}")


def require_positive(**numbers: int | None) -> None:
    """Refuse arguments below 1. None is allowed."""
    for name, number in numbers.items():
        if number is not None and number < 1:
            raise ApiValueError(f"{name} is {number}; it must be at least 1")


def require_file_names(**names: str) -> None:
    """Refuse arguments that are not the names of different files in one folder."""
    for argument, name in names.items():
        if not name or name in (".", "..") or Path(name).name != name:
            raise ApiValueError(f"{argument} is {name!r}; it must be the name of a file, without a folder")
    if len(set(names.values())) < len(names):
        raise ApiValueError(f"two of the file names are equal: {', '.join(names.values())}")
