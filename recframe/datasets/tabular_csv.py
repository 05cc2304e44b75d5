"""Text with separators, read in chunks of whole lines: with Polars where each line is a row, else line by line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from recframe.datasets.tabular_quoted import QuotedRows, csv_problem
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
        raise DataError(
            f"{path}, line 1: the column names cannot be read; correct the line: it {csv_problem(error)}"
        ) from None
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
            for a quotation mark that is not closed soon, since no row after it can be told.
    """
    import numpy as np

    line = 2
    with path.open("rb") as file:
        file.readline()
        while chunk := file.read(CHUNK):
            chunk += file.readline()
            frame = _parsed(chunk, names, separator)
            if frame is None:
                rows = QuotedRows(path, chunk, file, line, names, separator, ledger)
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
