"""Opens a table in Python: Polars, pandas or Arrow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from recframe import to_polars
from recframe.builtin.datasets.tabular.batch import RowBatch
from recframe.builtin.datasets.tabular.formats.columnar import slices
from recframe.builtin.datasets.tabular.formats.source import Source
from recframe.builtin.datasets.tabular.ledger import Ledger


def open_table(table: Any, name: str) -> Source:
    """A source for a table; `name` is its name in messages.

    Raises:
        TypeError: The value is not a table.
        DataError: The table cannot be converted.
    """
    frame = to_polars(table, name)

    def read(columns: Sequence[str], ids: Mapping[str, bool], ledger: Ledger) -> Iterator[RowBatch]:
        yield from slices(frame.lazy(), columns, name, len(frame), ledger)

    return Source(name, tuple(column for column in frame.columns if column), typed=True, read=read)
