"""Whether two stray quotation marks have swallowed the rows between them."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define

from recframe import override
from recframe.builtin.datasets.tabular.formats.dialect import Dialect
from recframe.builtin.datasets.tabular.formats.text import TextFile
from recframe.builtin.datasets.tabular.ledger import Ledger


@define
class Swallowed:
    """Rows of several lines, one of whose values holds line breaks and separators.

    Such a value may be a text, or rows that two stray quotation marks have swallowed.

    Attributes:
        rows: How many there are.
        lines: The first and the last line of the first.
    """

    rows: int = 0
    lines: tuple[int, int] = (0, 0)

    def look_at(self, fields: Sequence[str], first: int, last: int, dialect: Dialect) -> None:
        """Count a row if it is such a one."""
        separator = dialect.separator if len(dialect.names) > 1 else ""
        if last > first and any("\n" in value and separator in value for value in fields):
            self.lines = self.lines if self.rows else (first, last)
            self.rows += 1

    def tell(self, text: TextFile, ledger: Ledger) -> None:
        """What the user should look at, if anything."""
        if self.rows:
            more = f", and {self.rows - 1:,} more such rows" if self.rows > 1 else ""
            ledger.remark(
                f"{text}: a quoted value holds line breaks and separators, as rows do: lines {self.lines[0]} to "
                f"{self.lines[1]} are read as one row{more}; are they? Where quotation marks are plain text, set "
                f"{override('dataset.quote', 'none')}"
            )
