"""Text with separators, read in chunks of whole lines: with Polars where each line is a row, else line by line."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from recframe.datasets.tabular_rows import Batch, Ledger
from recframe.errors import DataError

if TYPE_CHECKING:
    import polars as pl

CHUNK = 1 << 25  # bytes read at once


def csv_columns(path: Path, separator: str) -> list[str]:
    """The names in the first line; a column without a name is called `column_1`, by its place."""
    with path.open("rb") as file:
        first = file.readline()
    try:
        names = next(csv.reader([first.decode("utf-8-sig")], delimiter=separator, strict=True), [])
    except UnicodeDecodeError:
        raise DataError(f"{path}, line 1: the text is not UTF-8; save the file as UTF-8") from None
    except csv.Error as error:
        raise DataError(f"{path}, line 1: the column names cannot be read: {error}; correct the line") from None
    if not names:
        raise DataError(f"{path}, line 1: the line is empty, and must name the columns")
    named = [name or f"column_{place}" for place, name in enumerate(names, 1)]
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        raise DataError(f"{path}, line 1: two columns are called {twice!r}; rename one")
    return named


def csv_batches(path: Path, names: list[str], separator: str, ledger: Ledger) -> Iterator[Batch]:
    """The rows below the first line, all columns as text, an empty value as null. Blank lines are no rows.

    Raises:
        DataError: For a row that has not as many fields as there are names, or is not UTF-8, unless such are skipped;
            for a quotation mark that is never closed, since no row after it can be told.
    """
    import numpy as np

    line = 2
    with path.open("rb") as file:
        file.readline()
        while chunk := file.read(CHUNK):
            chunk += file.readline()
            frame = _parsed(chunk, names, separator)
            if frame is None:
                rows = _Rows(path, chunk, file, line, names, separator, ledger)
                yield from rows.batches()
                line = rows.lines.number + 1
                continue
            ledger.read += len(frame)
            yield Batch(frame, str(path), "line", np.arange(line, line + len(frame)))
            line += len(frame)


def _parsed(chunk: bytes, names: list[str], separator: str) -> pl.DataFrame | None:
    """The rows of a chunk in which every line is a row of as many fields as there are names; else None."""
    import numpy as np
    import polars as pl

    if b'"' in chunk or len(names) == 1:
        return None
    chunk = chunk.replace(b"\r\n", b"\n")
    if b"\r" in chunk or b"\0" in chunk:
        return None
    if not chunk.endswith(b"\n"):
        chunk += b"\n"
    data = np.frombuffer(chunk, np.uint8)
    # Polars fills a short row up in silence, so fields are counted first.
    marks = data[(data == 10) | (data == ord(separator))]
    rows = chunk.count(b"\n")
    if len(marks) != rows * len(names) or not (marks[len(names) - 1 :: len(names)] == 10).all():
        return None
    options = {"has_header": False, "separator": separator, "quote_char": None}
    try:
        frame = pl.read_csv(chunk, schema=dict.fromkeys(names, pl.String()), **options)  # type: ignore[arg-type]
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None
    return frame if len(frame) == rows else None


class _Lines:
    """The lines of a chunk as text, and of the file behind it where a quoted field goes on.

    Attributes:
        number: The line that was given last.
        taken: Bytes given so far.
        broken: Whether a line since this was last cleared is not UTF-8.
        ended: Whether the file has no more.
    """

    def __init__(self, chunk: bytes, file: BinaryIO, number: int) -> None:
        self._lines = itertools.chain(io.BytesIO(chunk), file)
        self.number, self.taken, self.broken, self.ended = number - 1, 0, False, False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
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


class _Rows:
    """A chunk read by Python's csv module, which knows quotes, with a message for each row that is broken."""

    def __init__(
        self,
        path: Path,
        chunk: bytes,
        file: BinaryIO,
        line: int,
        names: list[str],
        separator: str,
        ledger: Ledger,
    ) -> None:
        self.lines = _Lines(chunk, file, line)
        self._path, self._length, self._names, self._ledger = path, len(chunk), names, ledger
        self._reader = csv.reader(self.lines, delimiter=separator, strict=True)

    def batches(self, size: int = 100_000) -> Iterator[Batch]:
        import numpy as np
        import polars as pl

        schema = dict.fromkeys(self._names, pl.String())
        rows = self._rows()
        while some := list(itertools.islice(rows, size)):
            numbers, fields = zip(*some, strict=True)
            frame = pl.DataFrame(fields, schema=schema, orient="row").with_columns(pl.all().replace("", None))
            yield Batch(frame, str(self._path), "line", np.array(numbers))

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        while self.lines.taken < self._length:
            first, self.lines.broken, problem, fields = self.lines.number + 1, False, "", list[str]()
            try:
                fields = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                problem = f"has quotes or line ends in the wrong place ({error})"
                if self.lines.ended or "field limit" in str(error):
                    raise DataError(
                        f"{self._path}, line {first}: a quotation mark is not closed, so that no row after it can be "
                        "told; correct the line"
                    ) from None
            if not fields and not problem:
                continue  # a blank line
            count = self.lines.number - first + 1 if problem else 1
            self._ledger.read += count
            if self.lines.broken:
                problem = "is not UTF-8"
            elif not problem and len(fields) != len(self._names):
                problem = f"has {len(fields)} of {len(self._names)} fields"
            if problem:
                shown = ",".join(fields) if fields else "the row"
                self._ledger.bad(f"{self._path}, line {first}", problem, shown, count)
            else:
                yield first, fields
