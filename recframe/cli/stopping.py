"""Ctrl-C and SIGTERM: both unwind the command, so that nothing half-written stays behind."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any, NoReturn

from recframe.terminal import printable_lines


class Terminated(KeyboardInterrupt):
    """SIGTERM arrived: as Ctrl-C."""


@contextlib.contextmanager
def sigterm_raises() -> Iterator[None]:
    """Within, SIGTERM raises `Terminated`."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python lets no other thread set a handler.
        return

    def stop(signum: int, frame: Any) -> NoReturn:
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def stop_behind(error: BaseException | None) -> KeyboardInterrupt | None:
    """The Ctrl-C that the error is or comes from: a module stopped in its initialisation gives an ImportError."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error


def stopped(stop: KeyboardInterrupt) -> int:
    """Tell the user, and return the exit code."""
    print(printable_lines("\n  ".join(["stopped", *notes_of(stop)])), file=sys.stderr)
    return 143 if isinstance(stop, Terminated) else 130


def notes_of(error: BaseException) -> list[str]:
    """What was added on the way up: what is kept of a run that ended early."""
    return list(getattr(error, "__notes__", []))
