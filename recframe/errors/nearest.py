"""Proposes the choice that a wrong name was meant for."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, choices: Iterable[str], any_case: bool = False) -> str:
    """The choice with the most similar spelling; empty if none is similar.

    Args:
        any_case: Whether to ignore the case, as for the columns of a file. Then a similarity of 0.5 is enough, else
            0.6.
    """
    spelt = {choice.lower() if any_case else choice: choice for choice in choices}
    wanted, cutoff = (name.lower(), 0.5) if any_case else (str(name), 0.6)
    near = difflib.get_close_matches(wanted, list(spelt), n=1, cutoff=cutoff)
    return spelt[near[0]] if near else ""


def suggestion(name: str, choices: Iterable[str]) -> str:
    """`; did you mean 'x'?`, or an empty text if no choice is similar."""
    near = nearest(name, choices)
    return f"; did you mean {near!r}?" if near else ""


def listing(name: str, choices: Iterable[str], heading: str) -> str:
    """The nearest choice, if there is one, and then all choices: `; did you mean 'x'? There are: x, y`."""
    known = list(choices)
    return f"{suggestion(name, known) or '.'} {heading}: {', '.join(known) or 'none'}"
