"""Where rows come from: a file of any format, or a table in memory, read a batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from recframe.builtin.datasets.tabular.formats.csv import csv_batches
from recframe.builtin.datasets.tabular.formats.dialect import Reading
from recframe.builtin.datasets.tabular.formats.guess import dialect_of
from recframe.builtin.datasets.tabular.formats.json_lines import json_batches, json_columns
from recframe.builtin.datasets.tabular.formats.text import TextFile
from recframe.builtin.datasets.tabular.ledger import Batch, Ledger
from recframe.builtin.datasets.tabular.paths import TEXTS, find_shards, nearest
from recframe.errors import DataError
from recframe.errors.pasting import override

if TYPE_CHECKING:
    import polars as pl

ROWS = 1_000_000  # of a columnar file, read at once

MAX_COLUMNS = 4_096  # each of which becomes a feature's source: more is another kind of table, or a wrong separator

Read = Callable[[Sequence[str], Mapping[str, bool], Ledger], Iterator[Batch]]


@frozen(eq=False)
class Source:
    """A file or table.

    Attributes:
        columns: The names it has.
        typed: Whether its values have types; in csv everything is text.
        read: Given the columns to read, those of them that are ids, each with whether it holds lists of them, and the
            ledger, the rows in batches.
        open_ended: Whether it is text whose last line does not end; asked when all is read.
        header: What `dataset.` option says that line 1 holds no names, where it may hold none.
        suspect: Whether line 1 was taken for names, and looks like a row.
    """

    name: str
    columns: tuple[str, ...]
    typed: bool
    read: Read
    open_ended: Callable[[], bool] = lambda: False
    header: str | None = None
    suspect: bool = False

    def batches(self, columns: Sequence[str], ids: Mapping[str, bool], ledger: Ledger) -> Iterator[Batch]:
        """The rows in batches; where there are none, the ledger says so."""
        before = ledger.read
        yield from (batch for batch in self.read(columns, ids, ledger) if len(batch.frame))
        if ledger.read == before:
            ledger.remarks.append(f"{self.name} is empty and was skipped")

    def require(self, column: str | int, option: str) -> str:
        """The column's name; a number is its place, counted from 1.

        Raises:
            DataError: Where there is none such, with the nearest name.
        """
        if isinstance(column, int):
            if 1 <= column <= len(self.columns):
                return self.columns[column - 1]
            raise DataError(
                f"{self.name}: no column {column}: there are {len(self.columns)}, and they are counted from 1; "
                f"correct {option}"
            )
        if column in self.columns:
            return column
        # One name that has other separators in it: the file is not separated by what it was read with.
        mark = next((mark for mark in "\t;|," if len(self.columns) == 1 and mark in self.columns[0]), None)
        if mark is not None and not self.typed:
            # A tab cannot be typed, and is what tsv has where no other is named.
            tsv = f"{override('dataset.format', 'tsv')} {override('dataset.separator', None)}"
            how = tsv if mark == "\t" else override("dataset.separator", mark)
            raise DataError(
                f"{self.name}: no column {column!r}: the only column is {self.columns[0]!r}, in which {mark!r} "
                f"seems to stand between names; set {how}"
            )
        near = nearest(column, self.columns)
        hint = f"the nearest is {near!r}" if near else f"the columns are {', '.join(map(repr, self.columns))}"
        # Of what takes several names, the others are not known here.
        example = f", as in {override(option, near)}" if near and option.startswith("dataset.columns.") else ""
        rows = ""
        if self.header is not None and (self.suspect or not near):
            rows = f"; if line 1 is a row and names nothing, set {override(self.header, False)}"
        raise DataError(f"{self.name}: no column {column!r}: {hint}; name it in {option}{example}{rows}")


def open_shards(path: str, reading: Reading, option: str, ledger: Ledger) -> list[Source]:
    """The files behind a path that have anything in them.

    Raises:
        DataError: Where there is none, or one cannot be read.
    """
    shards = find_shards(path, reading.format, option)
    if shards.format not in ("csv", "tsv") and reading.names:
        raise DataError(f"{option}: {path} is {shards.format}, which names its columns itself; leave out dataset.names")
    if option == "dataset.path" and (idle := reading.idle(shards.format)):
        ledger.remark(f"{path} is {shards.format}: {', '.join(idle)} change nothing of how it is read")
    reading = evolve(reading, format=shards.format)
    sources = []
    for file in shards.files:
        try:
            source = _open(file, reading, ledger)
        except OSError as error:
            raise DataError(f"{file} cannot be read: {error.strerror or error}") from None
        if source is None:
            ledger.remarks.append(f"{file} is empty and was skipped")
        else:
            if len(source.columns) > MAX_COLUMNS:
                raise DataError(
                    f"{source.name} has {len(source.columns):,} columns, and up to {MAX_COLUMNS:,} are read: if its "
                    "separator is right, write a file of the columns that are needed"
                )
            sources.append(source)
    if not sources:
        raise DataError(f"{option}: {path} is empty: there are no rows")
    return sources


def open_table(table: Any, name: str) -> Source:
    """A Polars, pandas or Arrow table. Raises DataError for what is none."""
    from recframe.interactions.tables import to_polars

    frame = to_polars(table, name)

    def read(columns: Sequence[str], ids: Mapping[str, bool], ledger: Ledger) -> Iterator[Batch]:
        yield from _slices(frame.lazy(), columns, name, len(frame), ledger)

    return Source(name, tuple(column for column in frame.columns if column), typed=True, read=read)


def _open(file: Path, reading: Reading, ledger: Ledger) -> Source | None:
    """The file, or None where nothing is in it."""
    if reading.format in TEXTS:
        text = TextFile(file, reading.encoding, ledger)
        with text.open() as content:
            if not content.read(1):
                return None
        return _open_json(text) if reading.format == "jsonl" else _open_csv(text, reading, ledger)
    return None if file.stat().st_size == 0 else _open_columnar(file, reading.format)


def _open_csv(text: TextFile, reading: Reading, ledger: Ledger) -> Source:
    dialect = dialect_of(text, reading, ledger)
    return Source(
        str(text),
        dialect.names,
        typed=False,
        read=lambda columns, ids, ledger: csv_batches(text, dialect, ledger),
        open_ended=lambda: text.open_ended,
        header=reading.header_option if dialect.header else None,
        suspect=dialect.suspect,
    )


def _open_json(text: TextFile) -> Source:
    keys = json_columns(text)
    return Source(
        str(text), tuple(keys), True, lambda columns, ids, ledger: json_batches(text, keys, columns, ids, ledger)
    )


def _open_columnar(file: Path, format: str) -> Source:
    with _readable(file, format):
        lazy = _scan(file, format)
        found = tuple(name for name in lazy.collect_schema().names() if name)

    def read(columns: Sequence[str], ids: Mapping[str, bool], ledger: Ledger) -> Iterator[Batch]:
        import polars as pl

        with _readable(file, format):
            rows = int(lazy.select(pl.len()).collect().item())
        slices = _slices(lazy, columns, str(file), rows, ledger)
        while True:
            with _readable(file, format):
                batch = next(slices, None)
            if batch is None:
                return
            yield batch

    return Source(str(file), found, typed=True, read=read)


def _scan(file: Path, format: str) -> pl.LazyFrame:
    import polars as pl

    if format == "parquet":
        return pl.scan_parquet(file, glob=False, hive_partitioning=False)
    with file.open("rb") as content:
        if content.read(6) != b"ARROW1":
            raise DataError(f"{file} cannot be read: it is no Arrow file (Feather version 2), or is cut off")
    return pl.scan_ipc(file)


def _slices(lazy: pl.LazyFrame, columns: Sequence[str], name: str, rows: int, ledger: Ledger) -> Iterator[Batch]:
    import numpy as np
    import polars as pl

    lazy = lazy.select(pl.selectors.by_name(*columns))  # in `select` a name such as `*` would mean more than itself
    for at in range(0, rows, ROWS):
        frame = lazy.slice(at, ROWS).collect()
        ledger.read += len(frame)
        yield Batch(frame, name, "row", np.arange(at + 1, at + 1 + len(frame)))


@contextmanager
def _readable(file: Path, format: str) -> Iterator[None]:
    """Polars' errors, and its panics over bytes that are no file, as the user's."""
    import polars as pl

    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        first = str(error).strip().partition("\n")[0][:200]
        raise DataError(
            f"{file} cannot be read as {format}: {first}; it is cut off or of another type, write it again"
        ) from None
