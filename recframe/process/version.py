"""The version of the installed recframe."""

from __future__ import annotations

from importlib import metadata


def own_version() -> str:
    """As `0.1.0`, or `0` in a bare checkout."""
    try:
        return metadata.version("recframe")
    except metadata.PackageNotFoundError:
        return "0"
