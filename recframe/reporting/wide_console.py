"""A terminal's width, or in a pipe a fixed one."""

from __future__ import annotations

import sys

from rich.console import Console


def wide_console() -> Console:
    """Standard output. Into a pipe rich would fold at 80 columns, and a program would read halves of names."""
    return Console() if sys.stdout.isatty() else Console(width=160)
