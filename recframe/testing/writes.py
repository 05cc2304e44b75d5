"""Notices what a piece of code writes, and where."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
#: Audit events that change the disk: which of their arguments are paths, and which the folders that these start from.
_EVENTS = {
    "os.mkdir": {0: 2},
    "os.remove": {0: 1},
    "os.rmdir": {0: 1},
    "os.rename": {0: 2, 1: 3},
    "os.link": {1: 3},
    "os.symlink": {1: 2},
}
_records: list[list[Path]] = []
_hooked: list[bool] = []


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if not _records or (event != "open" and event not in _EVENTS):
        return
    with suppress(Exception):  # an audit hook that raises would break the code that is watched
        if event == "open":
            path, _, flags = arguments
            if isinstance(path, int) or not flags & _WRITING:
                return
            paths = [path]
        else:
            # A folder given by its number is one in the middle of `shutil.rmtree`, which begins with a path.
            paths = [arguments[place] for place, start in _EVENTS[event].items() if arguments[start] == -1]
        absolute = [Path(os.path.abspath(os.fsdecode(path))) for path in paths]
        # `mkdir(exist_ok=True)` on a folder that is there changes nothing.
        _records[-1].extend(path for path in absolute if event != "os.mkdir" or not path.is_dir())


@contextmanager
def watch_writes(root: Path) -> Iterator[list[Path]]:
    """What is written, made, moved or removed in the block; complete at its end.

    That is what Python code does anywhere, except scratch files and Python's own caches, and the files that anything,
    native code too, adds below `root`.
    """
    if not _hooked:
        sys.addaudithook(_note)  # for the life of the process: Python has no way to take one away
        _hooked.append(True)
    before = _files(root)
    noted: list[Path] = []
    written: list[Path] = []
    _records.append(noted)
    try:
        yield written
    finally:
        _records.remove(noted)
        scratch = Path(tempfile.gettempdir()).resolve(), Path("/dev")
        for path in {*noted, *(_files(root) - before)}:
            place = path.parent.resolve() / path.name
            unseen = any(place.is_relative_to(folder) for folder in scratch) or "__pycache__" in place.parts
            # pytest keeps its folders among the scratch files.
            if not unseen or place.is_relative_to(root.resolve()):
                written.append(place)


def strays(written: Iterable[Path], allowed: Path) -> list[str]:
    """The paths that lie outside of `allowed`."""
    inside = allowed.resolve()
    return sorted(str(path) for path in written if not path.is_relative_to(inside))


def _files(root: Path) -> set[Path]:
    return {path for path in root.rglob("*") if path.is_file() or path.is_symlink()}
