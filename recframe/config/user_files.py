"""Checks the user's own config files before Hydra reads them, since Hydra would expand aliases without any limit."""

from __future__ import annotations

from pathlib import Path

from recframe.config.sources import Sources
from recframe.errors import SpecError
from recframe.files.yaml_text import require_small


def require_readable(sources: Sources) -> None:
    """Look at every YAML file in the folders that a command line names.

    Raises:
        SpecError: with the path of a file whose aliases stand for far too many values.
    """
    for folder in filter(None, (sources.folder, sources.path)):
        for path in sorted(Path(folder).rglob("*.yaml")):
            try:
                require_small(path.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError):
                continue  # Hydra reports it, if it reads this file
            except ValueError as error:
                raise SpecError(f"{path}: {error}") from None
