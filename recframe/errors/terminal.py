"""Text from data, plugins and files on its way to a terminal: what would move the cursor or hide text is spelt out."""

from __future__ import annotations

import unicodedata

#: What turns the direction of the text around it, so that a line reads otherwise than it is; and two line breaks that
#: Unicode has beside the usual ones. Joiners and other marks of category Cf belong to ordinary text and stay.
_TURNING = frozenset("\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def printable(text: str) -> str:
    r"""One line of text, with control characters and lone surrogates written as Python escapes them.

    >>> print(printable("Amélie \x1b[2J\U0001f600"))
    Amélie \x1b[2J😀
    """
    if text.isprintable():
        return text
    return "".join(repr(c)[1:-1] if _is_harmful(c) else c for c in text)


def printable_lines(text: str) -> str:
    """As `printable`, of text that has lines of its own."""
    return "\n".join(map(printable, text.split("\n")))


def _is_harmful(character: str) -> bool:
    return character in _TURNING or unicodedata.category(character) in ("Cc", "Cs")
