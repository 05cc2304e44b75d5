"""Text with separators and quotes, read row by row with Python's csv module: a message for each row that is broken."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from recframe.datasets.tabular_rows import Batch, Ledger
from recframe.errors import DataError

#: Lines that a row with quotes may span. A stray quotation mark swallows all rows up to the next one.
SPAN = 100
_TOLD = 20  # lines of a row from which on a note tells of it, and that count each where they are skipped
_FIELD = 1 << 27  # bytes; Python's own limit is 128 kB

_WORDS = {
    "new-line character": "has a carriage return that ends no line; save the file with ordinary line ends",
    "unexpected end": "has a quotation mark that is not closed",
    "expected after": "has text after a closing quotation mark",
    "field limit": "has a field of more than 128 MB",
}


def csv_problem(error: csv.Error) -> str:
    """What is wrong with a row, in words of ours."""
    return next((words for part, words in _WORDS.items() if part in str(error)), f"cannot be read ({error})")


class _EndlessError(Exception):
    """A row goes on over more than `SPAN` lines."""


class _Lines:
    """The lines of a chunk as text, and of the file behind it where a quoted field goes on.

    Attributes:
        number: The line that was given last.
        first: The first line of the row that is being read.
        taken: Bytes given so far.
        broken: Whether a line since this was last cleared is not UTF-8.
        ended: Whether the file has no more.
    """

    def __init__(self, chunk: bytes, file: BinaryIO, number: int) -> None:
        self._lines = itertools.chain(io.BytesIO(chunk), file)
        self.number, self.first, self.taken, self.broken, self.ended = number - 1, number, 0, False, False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self.number - self.first >= SPAN:
            raise _EndlessError
        line = next(self._lines, None)
        if line is None:
            self.ended = True
            raise StopIteration
        self.number += 1
        self.taken += len(line)
        try:
            return line.decode()
        except UnicodeDecodeError:
            self.broken = True
            return line.decode(errors="replace")


class QuotedRows:
    """A chunk read by Python's csv module, which knows quotes.

    Attributes:
        lines: Where the reading stands.
    """

    def __init__(
        self, path: Path, chunk: bytes, file: BinaryIO, line: int, names: list[str], separator: str, ledger: Ledger
    ) -> None:
        self.lines = _Lines(chunk, file, line)
        self._path, self._length, self._names, self._ledger = path, len(chunk), names, ledger
        self._reader = csv.reader(self.lines, delimiter=separator, strict=True)

    def batches(self, size: int = 100_000) -> Iterator[Batch]:
        """The rows.

        Raises:
            DataError: For a row that cannot be used, unless such are skipped; for a quotation mark that is not closed.
        """
        import numpy as np
        import polars as pl

        schema = dict.fromkeys(self._names, pl.String())
        rows = self._rows()
        while True:
            with _long_fields():
                some = list(itertools.islice(rows, size))
            if not some:
                return
            numbers, fields = zip(*some, strict=True)
            frame = pl.DataFrame(fields, schema=schema, orient="row").with_columns(pl.all().replace("", None))
            yield Batch(frame, str(self._path), "line", np.array(numbers))

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        while self.lines.taken < self._length:
            first = self.lines.first = self.lines.number + 1
            self.lines.broken, problem, fields = False, "", list[str]()
            try:
                fields = next(self._reader)
            except StopIteration:
                return
            except _EndlessError:
                raise self._unclosed(f"is not closed within {SPAN} lines") from None
            except csv.Error as error:
                problem = f"has quotes or line ends in the wrong place: it {csv_problem(error)}"
                if self.lines.ended:
                    raise self._unclosed("is not closed") from None
            if not fields and not problem:
                continue  # a blank line
            span = self.lines.number - first + 1
            if span > _TOLD:
                # Perhaps a text of many lines, perhaps rows that a stray quotation mark has swallowed.
                self._ledger.remark(
                    f"{self._path}: a quoted value goes on for {_TOLD} lines or more",
                    f", the first from line {first} to line {first + span - 1}: are those one row?",
                )
            wrong = problem or len(fields) != len(self._names)
            count = span if problem or (wrong and span > _TOLD) else 1
            self._ledger.read += count
            if self.lines.broken:
                problem = "is not UTF-8"
            elif wrong and not problem:
                problem = f"has {len(fields)} of {len(self._names)} fields"
            if problem:
                shown = ",".join(fields) if fields else "the row"
                self._ledger.bad(f"{self._path}, line {first}", problem, shown, count)
            else:
                yield first, fields

    def _unclosed(self, what: str) -> DataError:
        return DataError(
            f"{self._path}, line {self.lines.first}: a quotation mark {what}, so that no row after it can be told; "
            "close it, or remove it (a quotation mark inside a value is written twice, in a value that is quoted)"
        )


@contextmanager
def _long_fields() -> Iterator[None]:
    """Fields longer than Python's csv module takes of itself; the limit is of the process, so it is put back."""
    before = csv.field_size_limit(_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)
