"""Silence for libraries that write from C++, past Python's streams. Errors still arrive, as exceptions."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from recframe.process.fork_safe import fork_safe_lock

_lock = fork_safe_lock()
_inside = 0
_kept = -1


@contextlib.contextmanager
def quiet_native_output() -> Iterator[None]:
    """Discard what is written to file descriptor 2. All threads share it, so the last one to leave restores it."""
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _inside, _kept
    with _lock:
        if _inside == 0:
            _kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 2)
            os.close(nowhere)
        _inside += 1


def _leave() -> None:
    global _inside
    with _lock:
        if _inside == 0:  # a child, whose output is back already
            return
        _inside -= 1
        if _inside == 0:
            os.dup2(_kept, 2)
            os.close(_kept)


def _after_fork() -> None:
    """Put the child's output back: the threads that would do so are not in it."""
    global _inside
    if _inside:
        _inside = 0
        os.dup2(_kept, 2)
        os.close(_kept)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
