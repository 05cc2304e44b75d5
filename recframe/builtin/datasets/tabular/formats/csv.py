"""csv and tsv files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from recframe.builtin.datasets.tabular.formats.format import Reading
    from recframe.builtin.datasets.tabular.formats.source import Source
    from recframe.builtin.datasets.tabular.ledger import Ledger


@frozen
class Separated:
    """Text files with separated values.

    Attributes:
        separator: The separator, unless the user sets another or another is guessed.
        quoted: Whether quotation marks may enclose values, unless the user sets it.
    """

    name: str
    separator: str
    quoted: bool
    options: frozenset[str] = frozenset({"encoding", "separator", "quote", "header", "names"})
    is_text: bool = True

    def open(self, file: Path, reading: Reading, ledger: Ledger) -> Source | None:
        from recframe.builtin.datasets.tabular.formats.csv_rows import csv_batches
        from recframe.builtin.datasets.tabular.formats.guess import dialect_of
        from recframe.builtin.datasets.tabular.formats.source import Source
        from recframe.builtin.datasets.tabular.formats.text import open_text

        text = open_text(file, reading.encoding, ledger)
        if text is None:
            return None
        dialect = dialect_of(text, reading, self.separator, self.quoted, ledger)
        return Source(
            str(text),
            dialect.names,
            typed=False,
            read=lambda columns, ids, ledger: csv_batches(text, dialect, ledger),
            open_ended=lambda: text.open_ended,
            header=reading.header_option if dialect.header else None,
            suspect=dialect.suspect,
        )
