"""Several files that are made beside their places and put there by renaming, one process at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from recframe.files.locks import LOCK, locked
from recframe.files.whole import PART, remove, replace_folder


@contextlib.contextmanager
def staged(folder: Path, name: str) -> Iterator[Path]:
    """A hidden folder in another one, so that putting something there is a rename; gone after the block.

    Args:
        name: What is made, as the hidden folder's name says.

    Raises:
        FolderError: where another process holds the folder, or it cannot be written to.
    """
    with locked(folder / LOCK, folder):
        part = folder / f".{name}{PART}"
        remove(part)  # of a process that was killed
        try:
            part.mkdir()
            yield part
        finally:
            remove(part)


def put_in_place(made: Mapping[Path, Path]) -> None:
    """Give each finished file or folder its place, of the same file system, in the mapping's order."""
    for path, place in made.items():
        if path.is_dir():
            replace_folder(path, place)
        else:
            path.replace(place)
