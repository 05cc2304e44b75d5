"""Gives each run and sweep its own folder, even if two begin in the same second."""

from __future__ import annotations

import itertools
from pathlib import Path

from omegaconf import OmegaConf

#: `${own_folder:runs/...}` in conf/command.yaml.
RESOLVER = "own_folder"


def provide_own_folders() -> None:
    """Register `own_folder` unless it is registered already, for applications that run recframe's own config."""
    if not OmegaConf.has_resolver(RESOLVER):
        register_own_folders(claim=True)


def register_own_folders(claim: bool) -> None:
    """Let `${own_folder:NAME}` stand for a new folder NAME, or NAME-2 or NAME-3 if NAME exists.

    Args:
        claim: Whether to make the folder, so that no other process takes it. False gives NAME unchanged, for flags such
            as `--cfg`, which run nothing.
    """
    chosen: dict[str, str] = {}  # Hydra resolves a name several times

    def choose(name: str) -> str:
        if name not in chosen:
            chosen[name] = claim_folder(name) if claim else name
        return chosen[name]

    # The cache makes a job that a launcher sends to another process keep the folder that was chosen here.
    OmegaConf.register_new_resolver(RESOLVER, choose, replace=True, use_cache=True)


def claim_folder(name: str) -> str:
    """Make the first of NAME, NAME-2, NAME-3 that does not exist, and return it. Only one process can make a folder."""
    for number in itertools.count(1):
        folder = name if number == 1 else f"{name}-{number}"
        try:
            Path(folder).mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError:
            break  # Hydra tells the user that it cannot make the folder
        return folder
    return name
