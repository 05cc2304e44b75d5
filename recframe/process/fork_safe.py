"""Locks that a fork leaves free: `os.fork` copies those that other threads hold, and in the child nobody frees them.

A fork waits for the calls that run, so that the child finds nothing half done behind such a lock.
"""

from __future__ import annotations

import os
import threading
import weakref
from typing import Any

_locks: weakref.WeakSet[Any] = weakref.WeakSet()
#: Of `_locks`, which must not change while it is read.
_guard = threading.RLock()
_held: list[Any] = []


def fork_safe_lock() -> Any:
    """A reentrant lock, free in a child whatever thread of the parent holds it."""
    lock = threading.RLock()
    with _guard:
        _locks.add(lock)
    return lock


def _before() -> None:
    # The guard comes last, as a thread may make a lock while it holds another; and so a lock may be new by then.
    while True:
        _guard.acquire()
        new = [lock for lock in _locks if not any(lock is held for held in _held)]
        if not new:
            return
        _guard.release()
        for lock in new:
            lock.acquire()
            _held.append(lock)


def _after() -> None:
    _guard.release()
    while _held:
        _held.pop().release()


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_after)
