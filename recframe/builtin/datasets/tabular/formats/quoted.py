"""Text with separators and quotes, read row by row with Python's csv module: a message for each row that is broken.

A row that is broken is its first line alone: reading goes on with the next line, so that a stray quotation mark
swallows no row.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

from attrs import define

from recframe.builtin.datasets.tabular.formats.dialect import Dialect, csv_options, csv_problem
from recframe.builtin.datasets.tabular.formats.text import TextFile
from recframe.builtin.datasets.tabular.ledger import Batch, Ledger
from recframe.errors.pasting import override

ROWS = 100_000  # given at once
SPAN = 100  # lines that a row may span; as many are read again where a quotation mark is not closed
_FIELD = 1 << 27  # bytes; Python's own limit is 128 kB
_ENDLESS = f"has a quotation mark that is not closed within {SPAN} lines"


class _EndlessError(Exception):
    """A row goes on over more than `SPAN` lines."""


class _Lines:
    """The lines of a chunk as text, and of the file behind it where a quoted value goes on.

    Attributes:
        number: The line that was given last.
        row: The lines of the row that is being read.
        taken: Bytes given so far.
        again: Lines that are given once more.
        broken: Whether a line of the row cannot be decoded.
    """

    def __init__(self, chunk: bytes, file: BinaryIO, number: int) -> None:
        self._lines = itertools.chain(io.BytesIO(chunk), file)
        self.number, self.taken, self.broken = number - 1, 0, False
        self.row, self.again = list[bytes](), deque[bytes]()

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if len(self.row) >= SPAN:
            raise _EndlessError
        line = self.again.popleft() if self.again else next(self._lines)
        self.number += 1
        self.taken += len(line)
        self.row.append(line)
        try:
            return line.decode()
        except UnicodeDecodeError:
            self.broken = True
            return line.decode(errors="replace")

    def start_row(self) -> None:
        self.row, self.broken = [], False

    def keep_first(self) -> str:
        """Give all lines of the row but its first once more. The first."""
        first, *others = self.row
        self.again.extendleft(reversed(others))
        self.number -= len(others)
        self.taken -= sum(map(len, others))
        try:
            text, self.broken = first.decode(), False
        except UnicodeDecodeError:
            text, self.broken = first.decode(errors="replace"), True
        return text


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


class QuotedRows:
    """A chunk read by Python's csv module, which knows quotes."""

    def __init__(
        self,
        text: TextFile,
        dialect: Dialect,
        chunk: bytes,
        file: BinaryIO,
        line: int,
        swallowed: Swallowed,
        ledger: Ledger,
    ) -> None:
        self._lines = _Lines(chunk, file, line)
        self._text, self._dialect, self._length = text, dialect, len(chunk)
        self._swallowed, self._ledger = swallowed, ledger
        self._options = {**csv_options(dialect.separator, dialect.quote), "strict": True}

    @property
    def next_line(self) -> int:
        return self._lines.number + 1

    @property
    def rest(self) -> bytes:
        """What was read beyond the chunk and belongs to rows that come after it."""
        return b"".join(self._lines.again)

    def batches(self) -> Iterator[Batch]:
        """The rows.

        Raises:
            DataError: For a row that cannot be used, unless such are skipped.
        """
        import numpy as np
        import polars as pl

        schema = dict.fromkeys(self._dialect.names, pl.String())
        rows = self._rows()
        while True:
            with _long_fields():
                rows_read = list(itertools.islice(rows, ROWS))
            if not rows_read:
                return
            numbers, fields = zip(*rows_read, strict=True)
            frame = pl.DataFrame(fields, schema=schema, orient="row").with_columns(pl.all().replace("", None))
            yield Batch(frame, str(self._text), "line", np.array(numbers))

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        lines, reader = self._lines, csv.reader(self._lines, **self._options)
        while lines.taken < self._length:
            first = lines.number + 1
            lines.start_row()
            problem, shown, fields = "", "", list[str]()
            try:
                fields = next(reader)
            except StopIteration:
                return
            except _EndlessError:
                problem = _ENDLESS
            except csv.Error as error:
                problem = csv_problem(error)
            if not fields and not problem:
                continue  # a blank line
            self._ledger.read += 1
            where = f"{self._text}, line {first}"
            if problem or len(fields) != len(self._dialect.names):
                fields, problem, shown = self._first_line_alone(fields, problem)
            else:
                self._swallowed.look_at(fields, first, lines.number, self._dialect)
            if lines.broken:
                problem = self._text.not_decoded
            if problem:
                self._ledger.bad(where, problem, shown or self._dialect.separator.join(fields))
            else:
                yield first, fields

    def _first_line_alone(self, fields: list[str], problem: str) -> tuple[list[str], str, str]:
        """The first line of a row that is broken: its values where they can be told, what is wrong, and the line."""
        whole = len(self._lines.row) == 1
        line = self._lines.keep_first().rstrip("\r\n")
        escaped = self._with_escapes(line)
        if escaped is not None:
            return escaped, "", line
        if problem:
            problem = f"has quotes or line ends in the wrong place: it {problem}"
            if self._dialect.quote is not None and self._dialect.quote in line:
                problem += f"; where quotation marks are plain text, set {override('dataset.quote', 'none')}"
        elif whole:
            problem = f"has {len(fields)} of {len(self._dialect.names)} fields"
        else:
            problem = f"has a quoted value that goes on in other lines, and then not {len(self._dialect.names)} fields"
        return [], problem, line

    def _with_escapes(self, line: str) -> list[str] | None:
        r"""The values of a line in which quotation marks are escaped as \" is; None where it is no such line."""
        if self._dialect.quote is None or "\\" + self._dialect.quote not in line:
            return None
        try:
            fields = next(csv.reader([line], escapechar="\\", **self._options))
        except csv.Error:
            return None
        if len(fields) != len(self._dialect.names):
            return None
        self._ledger.remark(
            f"{self._text}: a quotation mark after a backslash is read as a part of its value",
            f", first in line {self._lines.number}",
        )
        return fields


@contextmanager
def _long_fields() -> Iterator[None]:
    """Fields longer than Python's csv module takes of itself; the limit is of the process, so it is put back."""
    before = csv.field_size_limit(_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)
