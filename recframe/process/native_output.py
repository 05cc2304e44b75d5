"""Silences libraries that print from C++, without Python's streams. Their errors still arrive as exceptions."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator

from recframe.process.fork_safe import fork_safe_lock

_lock = fork_safe_lock()


class _Descriptor:
    """A file descriptor of the process, which all threads share: the last one to leave puts it back."""

    def __init__(self, number: int) -> None:
        self._number, self._inside, self._kept = number, 0, -1

    @contextlib.contextmanager
    def silenced(self) -> Iterator[None]:
        self._enter()
        try:
            yield
        finally:
            self._leave()

    def _enter(self) -> None:
        with _lock:
            if self._inside == 0 and (kept := self._copy()) is not None:
                self._kept, nowhere = kept, os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self._number)
                os.close(nowhere)
            self._inside += 1

    def _copy(self) -> int | None:
        """Another descriptor of the same file; None where the process was started without one."""
        try:
            return os.dup(self._number)
        except OSError:
            return None

    def _leave(self) -> None:
        with _lock:
            if self._inside == 0:  # a child, whose output is back already
                return
            self._inside -= 1
            if self._inside == 0:
                self._put_back()

    def after_fork(self) -> None:
        """Put the child's output back: the threads that would do so are not in it."""
        if self._inside:
            self._inside = 0
            self._put_back()

    def _put_back(self) -> None:
        if self._kept >= 0:
            os.dup2(self._kept, self._number)
            os.close(self._kept)
            self._kept = -1


_stdout, _stderr = _Descriptor(1), _Descriptor(2)


@contextlib.contextmanager
def quiet_native_output() -> Iterator[None]:
    """Discard output to file descriptor 2 in the block."""
    with _stderr.silenced():
        yield


@contextlib.contextmanager
def quiet_native_stdout() -> Iterator[None]:
    """Discard output to file descriptor 1 in the block, except what Python's own stream holds already."""
    with contextlib.suppress(ValueError, OSError, AttributeError):  # closed, or none at all
        sys.stdout.flush()
    _flush_c()
    with _stdout.silenced():
        try:
            yield
        finally:
            _flush_c()


def _flush_c() -> None:
    """C's streams keep what was printed until the process ends, where stdout is no terminal."""
    with contextlib.suppress(AttributeError, OSError, TypeError):  # Windows has no CDLL(None)
        ctypes.CDLL(None).fflush(None)


def _after_fork() -> None:
    _stdout.after_fork()
    _stderr.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
