"""What a format of files is: a name, what may be said of its files, and how one of them is opened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from attrs import frozen

if TYPE_CHECKING:
    from recframe.builtin.datasets.tabular.formats.source import Source
    from recframe.builtin.datasets.tabular.ledger import Ledger

AUTO = "auto"
#: The reading options whose format may not have them; where it has not, they change nothing.
_OF_SOME_FORMATS = ("encoding", "separator", "quote", "header")


@frozen
class Reading:
    """What the user says of how files are written.

    Attributes:
        format: The name of a format; `auto`: the files' names tell it.
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

    def idle(self, format: Format) -> list[str]:
        """The options that were set and say nothing of files of a format."""
        names = [name for name in _OF_SOME_FORMATS if name not in format.options]
        return [f"dataset.{name}" for name in names if getattr(self, name) != getattr(Reading(), name)]


class Format(Protocol):
    """A format of files. A new one is a class such as this, and a line of the table in `endings`."""

    @property
    def name(self) -> str:
        """What `dataset.format` calls it."""

    @property
    def options(self) -> frozenset[str]:
        """The fields of `Reading` that say something of such files."""

    @property
    def is_text(self) -> bool:
        """Whether its files are text, which may be packed with gzip and the like."""

    def open(self, file: Path, reading: Reading, ledger: Ledger) -> Source | None:
        """The rows of a file; None where nothing is in it. What is guessed is told in the ledger.

        Raises:
            DataError: Where it cannot be read.
        """
