"""The rows of csv and tsv, in chunks of whole lines: with Polars where each line is a row, else line by line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from recframe.builtin.datasets.tabular.batch import RowBatch
from recframe.builtin.datasets.tabular.formats.dialect import Dialect
from recframe.builtin.datasets.tabular.formats.quoted import QuotedRows
from recframe.builtin.datasets.tabular.formats.quoted_lines import QuotedLines
from recframe.builtin.datasets.tabular.formats.swallowed import Swallowed
from recframe.builtin.datasets.tabular.formats.text import TextFile
from recframe.builtin.datasets.tabular.ledger import Ledger

if TYPE_CHECKING:
    import polars as pl

CHUNK = 1 << 25  # bytes read at once


def csv_batches(text: TextFile, dialect: Dialect, ledger: Ledger) -> Iterator[RowBatch]:
    """The rows, all columns as text, an empty value as null. Blank lines are no rows.

    Raises:
        DataError: For a row that has not as many fields as there are names, whose quotes are broken, or that cannot be
            decoded, unless such are skipped.
    """
    import numpy as np

    line, rest, swallowed = 1, b"", Swallowed()
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
    """The rows of a chunk in which every line is a row of as many fields as there are names; else None."""
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
