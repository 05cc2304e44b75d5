"""Makes several files in a hidden folder, and then moves them to their places. One process at a time may do so."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from recframe.files.locks import LOCK, locked
from recframe.files.whole import PART, remove, replace_folder


@contextlib.contextmanager
def staged(folder: Path, name: str) -> Iterator[Path]:
    """A hidden folder inside `folder`, which is removed after the block.

    It is on the same file system, so that a finished file can be moved into `folder` by a rename.

    Args:
        name: What is being made. The name of the hidden folder contains it.

    Raises:
        FolderError: if another process holds the folder, or the folder cannot be written to.
    """
    with locked(folder / LOCK, folder):
        part = folder / f".{name}{PART}"
        remove(part)  # left by a process that was killed
        try:
            part.mkdir()
            yield part
        finally:
            remove(part)


def put_in_place(places: Mapping[Path, Path]) -> None:
    """Move each finished file or folder to its place on the same file system, in the order of the mapping."""
    for path, place in places.items():
        if path.is_dir():
            replace_folder(path, place)
        else:
            path.replace(place)
