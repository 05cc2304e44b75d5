"""The protocol of a file format: its name, its options, and how it opens a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from attrs import frozen

if TYPE_CHECKING:
    from recframe.builtin.datasets.tabular.formats.source import Source
    from recframe.builtin.datasets.tabular.ledger import Ledger

AUTO = "auto"
#: The options of reading that have no effect for some formats.
_OF_SOME_FORMATS = ("encoding", "separator", "quote", "header")


@frozen
class Reading:
    """The options for reading files.

    Attributes:
        format: The name of a format; `auto`: by the file names.
        separator: The separator of values; None to guess it.
        quote: `auto`, `none`, or a character.
        encoding: Python's name of the encoding; `auto` to guess it.
        header: Whether line 1 has the names of the columns.
        header_option: The option that sets `header`, for messages.
        names: The names of the columns; empty for those in line 1, or `column_1` and so on.
    """

    format: str = AUTO
    separator: str | None = None
    quote: str = AUTO
    encoding: str = AUTO
    header: bool = True
    header_option: str = "dataset.header"
    names: tuple[str, ...] = ()

    def unused_options(self, format: Format) -> list[str]:
        """The options that the user has set and that have no effect for a format."""
        names = [name for name in _OF_SOME_FORMATS if name not in format.options]
        return [f"dataset.{name}" for name in names if getattr(self, name) != getattr(Reading(), name)]


class Format(Protocol):
    """A file format. A new format is a class like this, and a line in the table of `endings`."""

    @property
    def name(self) -> str:
        """Its name in `dataset.format`."""

    @property
    def options(self) -> frozenset[str]:
        """The fields of `Reading` that have an effect."""

    @property
    def is_text(self) -> bool:
        """Whether its files are text, which may be compressed, for example with gzip."""

    def open(self, file: Path, reading: Reading, ledger: Ledger) -> Source | None:
        """Open a file; None if it is empty. The ledger gets a note on each guess.

        Raises:
            DataError: The file cannot be read.
        """
