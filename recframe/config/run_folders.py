"""A folder of its own for each run and sweep, also of those that begin in the same second."""

from __future__ import annotations

import itertools
from pathlib import Path

from omegaconf import OmegaConf

#: `${own_folder:runs/...}` in conf/command.yaml.
RESOLVER = "own_folder"


def provide_own_folders() -> None:
    """`own_folders`, where nobody has chosen yet: for applications that run recframe's own config."""
    if not OmegaConf.has_resolver(RESOLVER):
        own_folders(claim=True)


def own_folders(claim: bool) -> None:
    """Let `${own_folder:NAME}` stand for a new folder of that name, or of NAME-2, NAME-3 where it is taken.

    Args:
        claim: Whether the folder is made, so that no other process takes it; else the name stands as it is, as for
            `--cfg`, which runs nothing.
    """
    chosen: dict[str, str] = {}  # Hydra asks several times

    def choose(name: str) -> str:
        if name not in chosen:
            chosen[name] = claimed(name) if claim else name
        return chosen[name]

    # With the cache a job that a launcher sends to another process has the folder that was chosen here.
    OmegaConf.register_new_resolver(RESOLVER, choose, replace=True, use_cache=True)


def claimed(name: str) -> str:
    """The first of NAME, NAME-2, NAME-3 that is not there; made, which only one process can do."""
    for number in itertools.count(1):
        folder = name if number == 1 else f"{name}-{number}"
        try:
            Path(folder).mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError:
            break  # what Hydra says when it cannot make the folder is for the user
        return folder
    return name
