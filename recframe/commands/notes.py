"""Prints notes for the user on standard error, so that standard output holds only results."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from recframe.errors.terminal import printable


def say(note: str) -> None:
    """Print a note for the user."""
    print(f"· {printable(note)}", file=sys.stderr)


@contextmanager
def log_as_notes() -> Iterator[None]:
    """In the block, print what recframe logs, such as the name of a slow plugin, as notes."""
    log, handler = logging.getLogger("recframe"), _NotesHandler()
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)


class _NotesHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        say(record.getMessage())
