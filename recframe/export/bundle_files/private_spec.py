"""Removes from the manifest's spec what could reveal a person or a machine: `export.private`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: Stands in the manifest in place of a text that may be a path.
LEFT_OUT = "<left out: export.private>"


def without_places(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A spec without the dataset's options and without any text that may be a path."""
    kept = {name: _without_paths(value) for name, value in spec.items()}
    return kept | {"dataset": {"type": spec["dataset"]["type"]}}


def _without_paths(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_paths(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_without_paths(part) for part in value]
    return LEFT_OUT if isinstance(value, str) and _may_be_a_path(value) else value


def _may_be_a_path(text: str) -> bool:
    return "/" in text or "\\" in text or text.startswith("~") or (bool(text) and Path(text).exists())
