"""Text with separators and quotes, read row by row with Python's csv module: a message for each row that is broken.

A row that is broken is its first line alone: reading goes on with the next line, so that a stray quotation mark
swallows no row.
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
from recframe.builtin.datasets.tabular.formats.quoted_lines import EndlessError, QuotedLines
from recframe.builtin.datasets.tabular.formats.swallowed import Swallowed
from recframe.builtin.datasets.tabular.formats.text import TextFile
from recframe.builtin.datasets.tabular.ledger import Ledger

ROWS = 100_000  # given at once
_FIELD = 1 << 27  # bytes; Python's own limit is 128 kB


class QuotedRows:
    """A chunk read by Python's csv module, which knows quotes."""

    def __init__(
        self, text: TextFile, dialect: Dialect, lines: QuotedLines, swallowed: Swallowed, ledger: Ledger
    ) -> None:
        self._text, self._dialect, self._lines = text, dialect, lines
        self._swallowed, self._ledger = swallowed, ledger
        self._options = {**csv_options(dialect.separator, dialect.quote), "strict": True}

    def batches(self) -> Iterator[RowBatch]:
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
            except EndlessError:
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
