"""Checks the user's own config files before Hydra reads them, since Hydra would expand aliases without any limit."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from recframe.errors import SpecError
from recframe.files.yaml_text import require_small

#: Hydra's flags that name a folder of config files.
_FLAGS = ("--config-dir", "-cd", "--config-path", "-cp")


def require_readable(words: Sequence[str]) -> None:
    """Check every YAML file in the folders that a command line names.

    Raises:
        SpecError: with the path of a file whose aliases stand for far too many values.
    """
    for folder in _folders(words):
        for path in sorted(folder.rglob("*.yaml")):
            try:
                require_small(path.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError):
                continue  # Hydra reports it, if it reads this file
            except ValueError as error:
                raise SpecError(f"{path}: {error}") from None


def _folders(words: Sequence[str]) -> list[Path]:
    names = [following for word, following in pairwise(words) if word in _FLAGS]
    names += [word.partition("=")[2] for word in words if word.partition("=")[0] in _FLAGS]
    return [Path(name) for name in names if name]
