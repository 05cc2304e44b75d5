"""Makes text safe for a terminal: characters that move the cursor or hide text are escaped."""

from __future__ import annotations

import unicodedata

#: Characters that change the direction of text, so that a line looks different from what it is, and Unicode's further
#: line breaks. Joiners and other characters of category Cf belong to ordinary text and stay.
_TURNING = frozenset("\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def printable(text: str) -> str:
    r"""The text on one line, with control characters, line breaks and lone surrogates escaped as in Python.

    >>> print(printable("Amélie \x1b[2J\U0001f600"))
    Amélie \x1b[2J😀
    """
    if text.isprintable():
        return text
    return "".join(repr(c)[1:-1] if _is_harmful(c) else c for c in text)


def printable_lines(text: str) -> str:
    """As `printable`, for text of several lines."""
    return "\n".join(map(printable, text.split("\n")))


def _is_harmful(character: str) -> bool:
    return character in _TURNING or unicodedata.category(character) in ("Cc", "Cs")
