"""Reads files with typed columns with Polars, in slices of rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from recframe import DataError
from recframe.builtin.datasets.tabular.batch import RowBatch
from recframe.builtin.datasets.tabular.formats.source import Source
from recframe.builtin.datasets.tabular.ledger import Ledger

if TYPE_CHECKING:
    import polars as pl

ROWS = 1_000_000  # rows in a batch


def columnar_source(file: Path, format: str, lazy: pl.LazyFrame) -> Source:
    """A source for a file that Polars scans.

    Raises:
        DataError: The schema cannot be read.
    """
    with readable(file, format):
        names = tuple(name for name in lazy.collect_schema().names() if name)

    def read(columns: Sequence[str], ids: Mapping[str, bool], ledger: Ledger) -> Iterator[RowBatch]:
        import polars as pl

        with readable(file, format):
            rows = int(lazy.select(pl.len()).collect().item())
        batches = slices(lazy, columns, str(file), rows, ledger)
        while True:
            with readable(file, format):
                batch = next(batches, None)
            if batch is None:
                return
            yield batch

    return Source(str(file), names, typed=True, read=read)


def slices(lazy: pl.LazyFrame, columns: Sequence[str], name: str, rows: int, ledger: Ledger) -> Iterator[RowBatch]:
    """The rows of the given columns, `ROWS` at a time."""
    import numpy as np
    import polars as pl

    lazy = lazy.select(pl.selectors.by_name(*columns))  # in `select`, a name such as `*` would be a pattern
    for at in range(0, rows, ROWS):
        frame = lazy.slice(at, ROWS).collect()
        ledger.read += len(frame)
        yield RowBatch(frame, name, "row", np.arange(at + 1, at + 1 + len(frame)))


@contextmanager
def readable(file: Path, format: str) -> Iterator[None]:
    """Turn errors and panics of Polars into DataError."""
    import polars as pl

    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        first = str(error).strip().partition("\n")[0][:200]
        raise DataError(
            f"{file} cannot be read as {format}: {first}; it is truncated or has another type; write it again"
        ) from None
