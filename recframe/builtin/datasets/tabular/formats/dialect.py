"""How a file of csv or tsv is written: what separates its values, what quotes them, and what its columns are called."""

from __future__ import annotations

import csv
from typing import Any

from attrs import frozen

from recframe.builtin.datasets.tabular.formats.text import AUTO

_OF_SEPARATED = ("separator", "quote", "header")
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
class Reading:
    """What is said of how files are written.

    Attributes:
        format: One of `FORMATS`.
        separator: What stands between values; None: it is guessed.
        quote: `auto`, `none`, or a character.
        encoding: By Python's name; `auto`: it is guessed.
        header: Whether line 1 names the columns.
        header_option: The option that says so.
        names: The names of the columns; empty: those of line 1, or `column_1` and so on.
    """

    format: str = AUTO
    separator: str | None = None
    quote: str = AUTO
    encoding: str = AUTO
    header: bool = True
    header_option: str = "dataset.header"
    names: tuple[str, ...] = ()

    def idle(self, format: str) -> list[str]:
        """The options that were set and say nothing of files of a format."""
        idle = {"csv": (), "tsv": (), "jsonl": _OF_SEPARATED}.get(format, ("encoding", *_OF_SEPARATED))
        return [f"dataset.{name}" for name in idle if getattr(self, name) != getattr(Reading(), name)]


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
