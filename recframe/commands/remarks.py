"""What is said beside the results, on standard error, so that standard output holds these alone."""

from __future__ import annotations

import sys

from recframe.errors.terminal import printable


def say(note: str) -> None:
    """A remark for the user."""
    print(f"· {printable(note)}", file=sys.stderr)
