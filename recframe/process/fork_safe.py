"""Locks that are free in a forked child.

`os.fork` copies a lock that another thread holds, and in the child no thread would release it. So before a fork all of
these locks are acquired. The fork then waits for the calls that hold them, and the child inherits no half-done work.
"""

from __future__ import annotations

import os
import threading
import weakref
from typing import Any

_locks: weakref.WeakSet[Any] = weakref.WeakSet()
#: Protects `_locks`, which must not change while it is read.
_guard = threading.RLock()
_held: list[Any] = []


def fork_safe_lock() -> Any:
    """A reentrant lock that is free in a forked child, whichever thread of the parent holds it."""
    lock = threading.RLock()
    with _guard:
        _locks.add(lock)
    return lock


def _before() -> None:
    # The guard is acquired last, since a thread that holds a lock may make another. So new locks may appear meanwhile.
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
