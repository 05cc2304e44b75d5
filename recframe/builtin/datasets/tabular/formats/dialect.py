"""The dialect of a csv or tsv file: its separator, its quotation mark, and the names of its columns."""

from __future__ import annotations

import csv
from typing import Any

from attrs import frozen

_WORDS = {
    "new-line character": "has a carriage return that does not end a line; save the file with ordinary line ends",
    "unexpected end": "has a quotation mark that is not closed",
    "expected after": "has text after a closing quotation mark",
    "field limit": "has a field of more than 128 MB",
}


def csv_problem(error: csv.Error) -> str:
    """A plain description of an error of Python's csv module."""
    return next((words for part, words in _WORDS.items() if part in str(error)), f"cannot be read ({error})")


def csv_options(separator: str, quote: str | None) -> dict[str, Any]:
    """The options for Python's csv module. Without a quote, every quotation mark is text."""
    quoting = csv.QUOTE_NONE if quote is None else csv.QUOTE_MINIMAL
    return {"delimiter": separator, "quotechar": quote, "quoting": quoting}


@frozen
class Dialect:
    """How a file is written.

    Attributes:
        quote: The character that encloses values; None if quotation marks are text.
        header: Whether line 1 is a header, not a row.
        suspect: Whether line 1 is read as a header but looks like a row.
    """

    separator: str
    quote: str | None
    header: bool
    names: tuple[str, ...]
    suspect: bool = False
