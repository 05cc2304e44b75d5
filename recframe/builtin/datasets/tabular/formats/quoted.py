"""Reads rows with quotation marks one by one, with Python's csv module, and reports invalid rows.

If a row of several lines is invalid, only its first line is rejected, and reading continues with the next line. So a
stray quotation mark does not swallow other rows.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from contextlib import contextmanager

from recframe import override
from recframe.builtin.datasets.tabular.batch import RowBatch
from recframe.builtin.datasets.tabular.formats import quoted_lines
from recframe.builtin.datasets.tabular.formats.dialect import Dialect, csv_options, csv_problem
from recframe.builtin.datasets.tabular.formats.quoted_lines import QuotedLines, UnclosedQuoteError
from recframe.builtin.datasets.tabular.formats.swallowed import SwallowedRows
from recframe.builtin.datasets.tabular.formats.text import TextFile
from recframe.builtin.datasets.tabular.ledger import Ledger

ROWS = 100_000  # rows in a batch
_FIELD = 1 << 27  # bytes; Python's own limit is 128 kB


class QuotedRows:
    """Reads the rows of a chunk with Python's csv module."""

    def __init__(
        self, text: TextFile, dialect: Dialect, lines: QuotedLines, swallowed: SwallowedRows, ledger: Ledger
    ) -> None:
        self._text, self._dialect, self._lines = text, dialect, lines
        self._swallowed, self._ledger = swallowed, ledger
        self._options = {**csv_options(dialect.separator, dialect.quote), "strict": True}

    def batches(self) -> Iterator[RowBatch]:
        """The rows.

        Raises:
            DataError: A row is invalid, and invalid rows are not skipped.
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
            yield RowBatch(frame, str(self._text), "line", np.array(numbers))

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        lines, reader = self._lines, csv.reader(self._lines, **self._options)
        while not lines.ended:
            first = lines.number + 1
            lines.start_row()
            problem, shown, fields = "", "", list[str]()
            try:
                fields = next(reader)
            except StopIteration:
                return
            except UnclosedQuoteError:
                problem = f"has a quotation mark that is not closed within {quoted_lines.SPAN} lines"
            except csv.Error as error:
                problem = csv_problem(error)
            if not fields and not problem:
                continue  # a blank line
            self._ledger.read += 1
            where = f"{self._text}, line {first}"
            if problem or len(fields) != len(self._dialect.names):
                fields, problem, shown = self._first_line_alone(fields, problem)
            else:
                self._swallowed.check(fields, first, lines.number, self._dialect)
            if lines.broken:
                problem = self._text.not_decoded
            if problem:
                self._ledger.bad(where, problem, shown or self._dialect.separator.join(fields))
            else:
                yield first, fields

    def _first_line_alone(self, fields: list[str], problem: str) -> tuple[list[str], str, str]:
        """The first line of an invalid row: its values if they can be read, the problem, and the text of the line."""
        whole = len(self._lines.row) == 1
        line = self._lines.keep_first_line().rstrip("\r\n")
        escaped = self._with_escapes(line)
        if escaped is not None:
            return escaped, "", line
        if problem:
            problem = f"has quotation marks or line ends in the wrong place: it {problem}"
            if self._dialect.quote is not None and self._dialect.quote in line:
                problem += f"; if quotation marks are plain text, set {override('dataset.quote', 'none')}"
        elif whole:
            problem = f"has {len(fields)} of {len(self._dialect.names)} fields"
        else:
            problem = f"has a quoted value with several lines, but not {len(self._dialect.names)} fields"
        return [], problem, line

    def _with_escapes(self, line: str) -> list[str] | None:
        r"""The values of a line in which quotation marks are escaped as \"; None if this does not apply."""
        if self._dialect.quote is None or "\\" + self._dialect.quote not in line:
            return None
        try:
            fields = next(csv.reader([line], escapechar="\\", **self._options))
        except csv.Error:
            return None
        if len(fields) != len(self._dialect.names):
            return None
        self._ledger.remark(
            f"{self._text}: a quotation mark after a backslash is read as part of the value",
            f", first in line {self._lines.number}",
        )
        return fields


@contextmanager
def _long_fields() -> Iterator[None]:
    """Allow longer fields than Python's csv module does by default. The limit is global, so it is restored."""
    before = csv.field_size_limit(_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)
