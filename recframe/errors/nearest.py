"""The choice that a wrong name probably means."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def suggestion(name: str, choices: Iterable[str]) -> str:
    """`; did you mean 'x'?`, or nothing where no choice is near."""
    near = difflib.get_close_matches(str(name), list(choices), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def listing(name: str, choices: Iterable[str], heading: str) -> str:
    """The nearest choice, where there is one, and then all: `; did you mean 'x'? There are: x, y`."""
    known = list(choices)
    return f"{suggestion(name, known) or '.'} {heading}: {', '.join(known) or 'none'}"
