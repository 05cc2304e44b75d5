"""Reads csv and tsv in chunks of whole lines: with Polars if each line is a row, otherwise row by row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from recframe.builtin.datasets.tabular.batch import RowBatch
from recframe.builtin.datasets.tabular.formats.dialect import Dialect
from recframe.builtin.datasets.tabular.formats.quoted import QuotedRows
from recframe.builtin.datasets.tabular.formats.quoted_lines import QuotedLines
from recframe.builtin.datasets.tabular.formats.swallowed import SwallowedRows
from recframe.builtin.datasets.tabular.formats.text import TextFile
from recframe.builtin.datasets.tabular.ledger import Ledger

if TYPE_CHECKING:
    import polars as pl

CHUNK = 1 << 25  # bytes in a chunk


def csv_batches(text: TextFile, dialect: Dialect, ledger: Ledger) -> Iterator[RowBatch]:
    """The rows, with all columns as text and empty values as null. Blank lines are ignored.

    Raises:
        DataError: A row has the wrong number of fields, has wrong quotation marks, or cannot be decoded, and invalid
            rows are not skipped.
    """
    import numpy as np

    line, rest, swallowed = 1, b"", SwallowedRows()
    with text.open() as file:
        if dialect.header:
            file.readline()
            line = 2
        while chunk := rest + file.read(CHUNK):
            chunk, rest = chunk + file.readline(), b""
            frame = _parsed(chunk, dialect)
            if frame is None:
                lines = QuotedLines(chunk, file, line)
                yield from QuotedRows(text, dialect, lines, swallowed, ledger).batches()
                line, rest = lines.next_line, lines.rest
                continue
            ledger.read += len(frame)
            yield RowBatch(frame, str(text), "line", np.arange(line, line + len(frame)))
            line += len(frame)
    swallowed.tell(text, ledger)


def _parsed(chunk: bytes, dialect: Dialect) -> pl.DataFrame | None:
    """The rows of a chunk if every line is a row with the right number of fields; else None."""
    import numpy as np
    import polars as pl

    names, separator = dialect.names, dialect.separator
    if (dialect.quote is not None and dialect.quote.encode() in chunk) or len(names) == 1:
        return None
    chunk = chunk.replace(b"\r\n", b"\n")
    if b"\r" in chunk or b"\0" in chunk:
        return None
    if not chunk.endswith(b"\n"):
        chunk += b"\n"
    data = np.frombuffer(chunk, np.uint8)
    # Polars pads short rows silently, so the fields are counted first.
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
