"""A file or a table that has been opened: its columns are known, and its rows are read a batch at a time."""

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
        columns: The names it has.
        typed: Whether its values have types; in csv everything is text.
        read: Given the columns to read, those of them that are ids, each with whether it holds lists of them, and the
            ledger, the rows in batches.
        open_ended: Whether it is text whose last line does not end; asked when all is read.
        header: What `dataset.` option says that line 1 holds no names, where it may hold none.
        suspect: Whether line 1 was taken for names, and looks like a row.
    """

    name: str
    columns: tuple[str, ...]
    typed: bool
    read: Read
    open_ended: Callable[[], bool] = lambda: False
    header: str | None = None
    suspect: bool = False

    def batches(self, columns: Sequence[str], ids: Mapping[str, bool], ledger: Ledger) -> Iterator[RowBatch]:
        """The rows in batches; where there are none, the ledger says so."""
        before = ledger.read
        yield from (batch for batch in self.read(columns, ids, ledger) if len(batch.frame))
        if ledger.read == before:
            ledger.remarks.append(f"{self.name} is empty and was skipped")

    def require(self, column: str | int, option: str) -> str:
        """The column's name; a number is its place, counted from 1.

        Raises:
            DataError: Where there is none such, with the nearest name.
        """
        if isinstance(column, int):
            if 1 <= column <= len(self.columns):
                return self.columns[column - 1]
            raise DataError(
                f"{self.name}: no column {column}: there are {len(self.columns)}, and they are counted from 1; "
                f"correct {option}"
            )
        if column in self.columns:
            return column
        problem = self._wrong_separator() or self._no_such_column(column, option)
        raise DataError(f"{self.name}: no column {column!r}: {problem}")

    def _wrong_separator(self) -> str:
        """That the one name has other separators in it, so that the file is not separated by what it was read with."""
        mark = next((mark for mark in "\t;|," if len(self.columns) == 1 and mark in self.columns[0]), None)
        if mark is None or self.typed:
            return ""
        # A tab cannot be typed, and is what tsv has where no other is named.
        tsv = f"{override('dataset.format', 'tsv')} {override('dataset.separator', None)}"
        how = tsv if mark == "\t" else override("dataset.separator", mark)
        return f"the only column is {self.columns[0]!r}, in which {mark!r} seems to stand between names; set {how}"

    def _no_such_column(self, column: str, option: str) -> str:
        near = nearest(column, self.columns, any_case=True)
        hint = f"the nearest is {near!r}" if near else f"the columns are {', '.join(map(repr, self.columns))}"
        # Of what takes several names, the others are not known here.
        example = f", as in {override(option, near)}" if near and option.startswith("dataset.columns.") else ""
        rows = ""
        if self.header is not None and (self.suspect or not near):
            rows = f"; if line 1 is a row and names nothing, set {override(self.header, False)}"
        return f"{hint}; name it in {option}{example}{rows}"
