"""Writes files and folders completely or not at all, even if the process is killed or the power fails."""

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

#: Suffix of a file or folder that is being written.
PART = ".recframe-part"
#: Suffix of a folder that will be removed.
OLD = ".recframe-old"


def hidden(path: Path, suffix: str) -> Path:
    """The path of a hidden file or folder beside a path."""
    return path.with_name(f".{path.name}{suffix}")


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write in the block. If the disk is full or the process ends, an earlier file stays unchanged."""
    part = hidden(path, PART)
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException as error:
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)  # the error of a full disk has no file name
        with contextlib.suppress(OSError):  # the first error is the one to report
            part.unlink()
        raise
    sync_folder(path.parent)


def write_whole(path: Path, content: bytes | memoryview) -> None:
    """Write bytes with `whole_file`."""
    with whole_file(path) as file:
        file.write(content)


def write_text(path: Path, text: str) -> None:
    """Write text in UTF-8 with `whole_file`."""
    write_whole(path, text.encode())


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut, if its file system can do so."""
    with contextlib.suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def sync_tree(folder: Path) -> None:
    """Make all files in a folder survive a power cut, and then their names."""
    for place, _, names in os.walk(folder, topdown=False):
        for name in names:
            path = Path(place, name)
            if path.is_symlink():
                continue
            with path.open("rb") as file:
                os.fsync(file.fileno())
        sync_folder(Path(place))


def remove(path: Path) -> None:
    """Remove a file, a link or a whole folder. Errors are ignored."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def replace_folder(new: Path, place: Path) -> None:
    """Put a finished folder in its place, and remove the folder that was there.

    If the system can exchange two names, one of the folders is in place at every moment. Otherwise the earlier folder
    is called `.NAME.recframe-old` for a moment, and `restore` puts it back if the process dies in that moment.
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
    """After a process died in `replace_folder`: put back the folder that it had moved aside, or remove that folder."""
    old = hidden(place, OLD)
    if old.is_dir() and not os.path.lexists(place):
        old.rename(place)
    else:
        remove(old)


def exchange(one: Path, other: Path) -> bool:
    """Exchange two paths on one file system in one step. Returns False if the system cannot."""
    swap = _swap()
    if swap is None:
        return False
    sys.audit("recframe.exchange", str(one), str(other))
    return swap(os.fsencode(one), os.fsencode(other)) == 0


@functools.cache
def _swap() -> Callable[[bytes, bytes], int] | None:
    """The system call, if there is one: renameat2 on Linux, or renamex_np on macOS."""
    library = ctypes.CDLL(None, use_errno=True)
    here, together = -100, 2  # AT_FDCWD, and RENAME_EXCHANGE or RENAME_SWAP
    if linux := getattr(library, "renameat2", None):
        return lambda one, other: int(linux(here, one, here, other, together))
    if macos := getattr(library, "renamex_np", None):
        return lambda one, other: int(macos(one, other, together))
    return None


def is_disk_full(error: OSError) -> bool:
    """Whether the disk or the user's quota is full."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)
