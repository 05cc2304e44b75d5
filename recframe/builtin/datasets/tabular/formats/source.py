"""A file or a table that is open: its columns are known, and its rows are read in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from attrs import frozen

from recframe import DataError, nearest, override
from recframe.builtin.datasets.tabular.batch import RowBatch
from recframe.builtin.datasets.tabular.ledger import Ledger

Read = Callable[[Sequence[str], Mapping[str, bool], Ledger], Iterator[RowBatch]]


@frozen(eq=False)
class Source:
    """A file or table.

    Attributes:
        columns: The names of its columns.
        typed: Whether its values have types; in csv everything is text.
        read: Reads rows in batches. Its arguments are the columns to read; those of them that are ids, with whether
            they hold lists of ids; and the ledger.
        open_ended: Returns whether it is text whose last line has no line end. Call it after all rows are read.
        header: The option that tells whether line 1 is a header; None if there is no line 1.
        suspect: Whether line 1 is read as a header but looks like a row.
    """

    name: str
    columns: tuple[str, ...]
    typed: bool
    read: Read
    open_ended: Callable[[], bool] = lambda: False
    header: str | None = None
    suspect: bool = False

    def batches(self, columns: Sequence[str], ids: Mapping[str, bool], ledger: Ledger) -> Iterator[RowBatch]:
        """The rows in batches. If there are none, the ledger gets a note."""
        before = ledger.read
        yield from (batch for batch in self.read(columns, ids, ledger) if len(batch.frame))
        if ledger.read == before:
            ledger.remarks.append(f"{self.name} is empty and was skipped")

    def require(self, column: str | int, option: str) -> str:
        """The name of a column that is given by its name or by its position, counted from 1.

        Raises:
            DataError: There is no such column. The message has the nearest name.
        """
        if isinstance(column, int):
            if 1 <= column <= len(self.columns):
                return self.columns[column - 1]
            raise DataError(
                f"{self.name}: no column {column}: there are {len(self.columns)}, counted from 1; correct {option}"
            )
        if column in self.columns:
            return column
        problem = self._wrong_separator() or self._no_such_column(column, option)
        raise DataError(f"{self.name}: no column {column!r}: {problem}")

    def _wrong_separator(self) -> str:
        """A hint if the only column name contains another separator, which is then probably the right one."""
        mark = next((mark for mark in "\t;|," if len(self.columns) == 1 and mark in self.columns[0]), None)
        if mark is None or self.typed:
            return ""
        # A tab is hard to type, so propose tsv, whose default separator it is.
        tsv = f"{override('dataset.format', 'tsv')} {override('dataset.separator', None)}"
        how = tsv if mark == "\t" else override("dataset.separator", mark)
        return f"the only column is {self.columns[0]!r}, in which {mark!r} seems to separate names; set {how}"

    def _no_such_column(self, column: str, option: str) -> str:
        near = nearest(column, self.columns, any_case=True)
        hint = f"the nearest is {near!r}" if near else f"the columns are {', '.join(map(repr, self.columns))}"
        # The complete value of an option with several names is not known here, so there is no example for it.
        example = f", as in {override(option, near)}" if near and option.startswith("dataset.columns.") else ""
        rows = ""
        if self.header is not None and (self.suspect or not near):
            rows = f"; if line 1 is a row, not a header, set {override(self.header, False)}"
        return f"{hint}; name it in {option}{example}{rows}"
