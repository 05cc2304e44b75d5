"""Config files of the user's own, looked at before Hydra reads them: it would follow the aliases of a bomb for ever."""

from __future__ import annotations

from pathlib import Path

from recframe.config.sources import Sources
from recframe.errors import SpecError
from recframe.files.yaml_text import require_small


def require_readable(sources: Sources) -> None:
    """Look at every YAML file in the folders that a command line names.

    Raises:
        SpecError: where one stands for far more values than anybody writes, with its path.
    """
    for folder in filter(None, (sources.folder, sources.path)):
        for path in sorted(Path(folder).rglob("*.yaml")):
            try:
                require_small(path.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError):
                continue  # Hydra tells, if it reads this one
            except ValueError as error:
                raise SpecError(f"{path}: {error}") from None
