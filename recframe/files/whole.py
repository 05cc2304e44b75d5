"""Files and folders that appear whole or not at all, also where the process is killed or the power fails."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

#: Suffix of what is being written.
PART = ".recframe-part"
#: Suffix of what is about to be removed.
OLD = ".recframe-old"


def hidden(path: Path, suffix: str) -> Path:
    """A hidden name beside a path, for what belongs to it."""
    return path.with_name(f".{path.name}{suffix}")


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write within the block: a full disk, Ctrl-C or a power cut leaves the one before, or none."""
    part = hidden(path, PART)
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException as error:
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)  # which a full disk does not say
        with contextlib.suppress(OSError):  # the first error is the one to tell
            part.unlink()
        raise
    sync_folder(path.parent)


def write_whole(path: Path, content: bytes | memoryview) -> None:
    """`whole_file` for content that is in memory."""
    with whole_file(path) as file:
        file.write(content)


def write_text(path: Path, text: str) -> None:
    """`write_whole` for text."""
    write_whole(path, text.encode())


def sync_folder(folder: Path) -> None:
    """Let the names in a folder survive a power cut, where its file system can do so."""
    with contextlib.suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def sync_tree(folder: Path) -> None:
    """Let all files in a folder survive a power cut, and then their names."""
    for place, _, names in os.walk(folder, topdown=False):
        for name in names:
            path = Path(place, name)
            if path.is_symlink():
                continue
            with path.open("rb") as file:
                os.fsync(file.fileno())
        sync_folder(Path(place))


def remove(path: Path) -> None:
    """Take away a file, a link or a whole folder, as far as it can be done."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def replace_folder(new: Path, place: Path) -> None:
    """Put a finished folder in its place, and remove the folder that was there.

    Where the system can let two names change places, one of the two is there at every moment. Elsewhere the folder
    before has the name `.NAME.recframe-old` for a moment, and `restore` puts it back where a process died in it.
    """
    old = hidden(place, OLD)
    if not os.path.lexists(place):
        new.rename(place)
    elif exchange(new, place):
        old = new
    else:
        remove(old)
        place.rename(old)
        try:
            new.rename(place)
        except BaseException:
            if not os.path.lexists(place):
                old.rename(place)
            raise
    sync_folder(place.parent)
    remove(old)


def restore(place: Path) -> None:
    """Put back the folder that a process which died in `replace_folder` had moved aside, or take it away."""
    old = hidden(place, OLD)
    if old.is_dir() and not os.path.lexists(place):
        old.rename(place)
    else:
        remove(old)


def exchange(one: Path, other: Path) -> bool:
    """Let two paths of one file system change places in one step; returns whether the system could."""
    swap = _swap()
    if swap is None:
        return False
    sys.audit("recframe.exchange", str(one), str(other))
    return swap(os.fsencode(one), os.fsencode(other)) == 0


@functools.cache
def _swap() -> Callable[[bytes, bytes], int] | None:
    """The system's call, if it has one: renameat2 of Linux, or renamex_np of macOS."""
    library = ctypes.CDLL(None, use_errno=True)
    here, together = -100, 2  # AT_FDCWD, and RENAME_EXCHANGE or RENAME_SWAP
    if linux := getattr(library, "renameat2", None):
        return lambda one, other: int(linux(here, one, here, other, together))
    if macos := getattr(library, "renamex_np", None):
        return lambda one, other: int(macos(one, other, together))
    return None


def is_disk_full(error: OSError) -> bool:
    """Whether the disk, or the user's share of it, is full."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)
