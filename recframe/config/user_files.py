"""Config files of the user's own, looked at before Hydra reads them: it would follow the aliases of a bomb for ever."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from recframe.errors import SpecError
from recframe.files.yaml_text import require_small

#: Hydra's flags that name a folder of config files.
_FLAGS = ("--config-dir", "-cd", "--config-path", "-cp")


def require_readable(words: Sequence[str]) -> None:
    """Look at every YAML file in the folders that a command line names.

    Raises:
        SpecError: where one stands for far more values than anybody writes, with its path.
    """
    for folder in _folders(words):
        for path in sorted(folder.rglob("*.yaml")):
            try:
                require_small(path.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError):
                continue  # Hydra tells, if it reads this one
            except ValueError as error:
                raise SpecError(f"{path}: {error}") from None


def _folders(words: Sequence[str]) -> list[Path]:
    named = [following for word, following in pairwise(words) if word in _FLAGS]
    named += [word.partition("=")[2] for word in words if word.partition("=")[0] in _FLAGS]
    return [Path(name) for name in named if name]
