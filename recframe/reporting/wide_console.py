"""A console for output that programs may read through a pipe."""

from __future__ import annotations

import sys

from rich.console import Console


def wide_console() -> Console:
    """Standard output. In a pipe it has 160 columns, since rich would wrap names at 80."""
    return Console() if sys.stdout.isatty() else Console(width=160)
