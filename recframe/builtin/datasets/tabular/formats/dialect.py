"""How a file of csv or tsv is written: what separates its values, what quotes them, and what its columns are called."""

from __future__ import annotations

import csv
from typing import Any

from attrs import frozen

_WORDS = {
    "new-line character": "has a carriage return that ends no line; save the file with ordinary line ends",
    "unexpected end": "has a quotation mark that is not closed",
    "expected after": "has text after a closing quotation mark",
    "field limit": "has a field of more than 128 MB",
}


def csv_problem(error: csv.Error) -> str:
    """What is wrong with a row, in words of ours."""
    return next((words for part, words in _WORDS.items() if part in str(error)), f"cannot be read ({error})")


def csv_options(separator: str, quote: str | None) -> dict[str, Any]:
    """What Python's csv module is told; without a quote every quotation mark is text."""
    quoting = csv.QUOTE_NONE if quote is None else csv.QUOTE_MINIMAL
    return {"delimiter": separator, "quotechar": quote, "quoting": quoting}


@frozen
class Dialect:
    """How a file is written.

    Attributes:
        quote: What encloses values; None where every quotation mark is text.
        header: Whether line 1 holds no row.
        suspect: Whether line 1 was taken for names, and looks like a row.
    """

    separator: str
    quote: str | None
    header: bool
    names: tuple[str, ...]
    suspect: bool = False
