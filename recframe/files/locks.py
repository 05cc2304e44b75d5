"""A lock file that one process at a time can hold. The lock ends with the process, even if the process is killed."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from recframe.errors import FolderError
from recframe.files.whole import is_disk_full

LOCK = ".recframe-lock"
_log = logging.getLogger("recframe")


@contextlib.contextmanager
def locked(lock: Path, folder: Path) -> Iterator[None]:
    """Hold the lock file in the block, and remove it afterwards.

    Args:
        folder: The folder that the lock protects, for messages.

    Raises:
        FolderError: if another process holds the lock, or the lock file cannot be written.
    """
    number = _acquired(lock, folder)
    try:
        os.ftruncate(number, 0)
        os.write(number, f"process {os.getpid()} on {socket.gethostname()}".encode())
        yield
    finally:
        with contextlib.suppress(OSError):
            lock.unlink()  # while the lock is held, so that no other process loses its lock file
        os.close(number)


def _acquired(lock: Path, folder: Path) -> int:
    while True:
        try:
            number = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
        except OSError as error:
            if is_disk_full(error):
                raise
            raise FolderError(f"{folder}: cannot be written to: {error.strerror}") from None
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(number, 300, 0).decode(errors="replace") or "another process"
            os.close(number)
            raise FolderError(f"{folder}: {holder} is writing here; wait for it, or choose another folder") from None
        except OSError as error:
            _log.warning(f"{folder}: its file system has no locks ({error.strerror}): let one process at a time write")
        except BaseException:
            os.close(number)
            raise
        if _is_same_file(number, lock):
            return number
        os.close(number)  # the previous holder removed the file between the two steps


def _is_same_file(number: int, lock: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(number), lock.stat())
    except FileNotFoundError:
        return False
