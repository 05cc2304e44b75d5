"""The version of the installed recframe."""

from __future__ import annotations

from importlib import metadata


def own_version() -> str:
    """The version, such as `0.1.0`; `0` if recframe is not installed."""
    try:
        return metadata.version("recframe")
    except metadata.PackageNotFoundError:
        return "0"
