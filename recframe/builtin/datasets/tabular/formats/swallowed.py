"""Finds rows that two stray quotation marks may have swallowed."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define

from recframe import override
from recframe.builtin.datasets.tabular.formats.dialect import Dialect
from recframe.builtin.datasets.tabular.formats.text import TextFile
from recframe.builtin.datasets.tabular.ledger import Ledger


@define
class SwallowedRows:
    """Counts rows of several lines with a value that contains line breaks and separators.

    Such a value may be a real text, or other rows that two stray quotation marks have swallowed.

    Attributes:
        rows: The number of such rows.
        lines: The first and the last line of the first such row.
    """

    rows: int = 0
    lines: tuple[int, int] = (0, 0)

    def check(self, fields: Sequence[str], first: int, last: int, dialect: Dialect) -> None:
        """Count a row if it has such a value."""
        separator = dialect.separator if len(dialect.names) > 1 else ""
        if last > first and any("\n" in value and separator in value for value in fields):
            self.lines = self.lines if self.rows else (first, last)
            self.rows += 1

    def tell(self, text: TextFile, ledger: Ledger) -> None:
        """Add a note for the user if there are such rows."""
        if self.rows:
            more = f", and {self.rows - 1:,} more such rows" if self.rows > 1 else ""
            ledger.remark(
                f"{text}: a quoted value contains line breaks and separators, so lines {self.lines[0]} to "
                f"{self.lines[1]} are read as one row{more}; is this right? If quotation marks are plain text, set "
                f"{override('dataset.quote', 'none')}"
            )
