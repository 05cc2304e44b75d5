"""Silences libraries that print from C++, without Python's streams. Their errors still arrive as exceptions."""

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
    """Discard output to file descriptor 2 in the block. All threads share it, so the last one to leave restores it."""
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
        if _inside == 0:  # in a forked child, where `_after_fork` restored the output
            return
        _inside -= 1
        if _inside == 0:
            os.dup2(_kept, 2)
            os.close(_kept)


def _after_fork() -> None:
    """Restore the output of the child, since the threads that would do so do not exist in it."""
    global _inside
    if _inside:
        _inside = 0
        os.dup2(_kept, 2)
        os.close(_kept)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
