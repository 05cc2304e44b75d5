"""Reports the progress of long work, and how long the rest will take."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

#: Seconds before the first line, and seconds between lines.
FIRST, BETWEEN = 3.0, 60.0
#: Work that will end within this many seconds is not reported.
SHORT = 30.0


class Pace:
    """Reports the progress of some work. Any thread may call it.

    Args:
        what: The work, with which the line begins: `ranking 30,000 test targets`.
        say: Receives the lines.
        warm_up: Whether the first part of the work is slower than the rest, such as a compilation. Its time does not
            count.
    """

    def __init__(self, what: str, say: Callable[[str], None], warm_up: bool = False) -> None:
        self._what, self._say, self._lock = what, say, threading.Lock()
        self._begin = time.perf_counter()
        self._start: tuple[float, int] | None = None if warm_up else (self._begin, 0)
        self._next = FIRST

    def __call__(self, done: int, total: int) -> None:
        """Report that `done` of `total` is done, in any unit."""
        with self._lock:
            now = time.perf_counter()
            if self._start is None:
                self._start = (now, done)
                return
            start, before = self._start
            if done <= before or now - self._begin < self._next:
                return
            remaining = (now - start) / (done - before) * (total - done)
            if remaining < SHORT and self._next == FIRST:
                return
            self._next = now - self._begin + BETWEEN
        passed = duration_text(now - self._begin)
        self._say(f"{self._what}: {done / total:.0%} after {passed}, about {duration_text(remaining)} to go")


def duration_text(seconds: float) -> str:
    """A duration as text: `0.3 s`, `45 s`, `12 min`, `3.5 h`."""
    if seconds < 9.5:
        return f"{seconds:.1g} s"
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 99.5 * 60 else f"{seconds / 3600:.1f} h"
