"""Prints notes for the user on standard error, so that standard output holds only results."""

from __future__ import annotations

import sys

from recframe.errors.terminal import printable


def say(note: str) -> None:
    """Print a note for the user."""
    print(f"· {printable(note)}", file=sys.stderr)
