"""Files of any bytes: an error of recframe's, or counts that add up. Rows are counted here in another way."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, assume, example, given, settings, strategies as st

from recframe.builtin.datasets.tabular.build import build
from recframe.builtin.datasets.tabular.formats import csv_rows as tabular_csv
from recframe.builtin.datasets.tabular.formats.csv_rows import csv_batches
from recframe.builtin.datasets.tabular.formats.dialect import Dialect
from recframe.builtin.datasets.tabular.formats.endings import FORMATS
from recframe.builtin.datasets.tabular.formats.format import Reading
from recframe.builtin.datasets.tabular.formats.guess import dialect_of
from recframe.builtin.datasets.tabular.formats.shards import open_shards
from recframe.builtin.datasets.tabular.formats.text import TextFile
from recframe.builtin.datasets.tabular.ledger import Ledger
from recframe.builtin.datasets.tabular.options import ColumnOptions, RowOptions
from recframe.errors import DataError, RecframeError
from tests.builtin.datasets.tabular.tables import events, write

SETTINGS = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
WORDS = r'" , \ud800 nan 1e999 -1 { } [ null true ", 2024-02-30 999999999999999999999999999999 ü'.encode().split()
MARKS = [b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"\t", b" ", "\u2028".encode()]
NASTY = st.sampled_from([*WORDS, *MARKS])


@contextmanager
def small_chunks(size: int) -> Iterator[None]:
    before = tabular_csv.CHUNK
    tabular_csv.CHUNK = size
    try:
        yield
    finally:
        tabular_csv.CHUNK = before


@st.composite
def mutated(draw: st.DrawFn, whole: bytes) -> bytes:
    """The bytes with some places cut out, written over or written between."""
    content = whole
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        until = min(len(content), at + draw(st.integers(0, 6)))
        content = content[:at] + draw(st.one_of(NASTY, st.binary(max_size=3), st.just(b""))) + content[until:]
    return content[: draw(st.one_of(st.none(), st.integers(0, len(content))))]


def written(tmp: Path, ending: str) -> bytes:
    return write(events(rows=12), tmp / f"seed.{ending}").read_bytes()


def load(path: Path, format: str, reading: Reading | None = None, **options: Any) -> tuple[int, Ledger] | None:
    """The events and the book; None where the file is refused."""
    ledger = Ledger(skip=options.get("on_error") == "skip")
    rows = RowOptions(columns=ColumnOptions(**options.pop("columns", {})), **options)
    try:
        sources = open_shards(str(path), reading or Reading(format=format), "dataset.path", ledger)
        data = build(rows, [(0, source) for source in sources], [], [], ledger)
    except RecframeError:
        return None
    assert ledger.read == data.num_events + sum(ledger.skipped.values()) + sum(ledger.filtered.values())
    return data.num_events, ledger


@SETTINGS
@given(data=st.data(), format=st.sampled_from(FORMATS[1:]), skip=st.booleans(), chunk=st.sampled_from((7, 64, 1 << 20)))
def test_damaged_files(tmp_path: Path, data: st.DataObject, format: str, skip: bool, chunk: int) -> None:
    path = tmp_path / f"x.{format}"
    path.write_bytes(data.draw(mutated(written(tmp_path, format))))
    chosen = data.draw(st.sampled_from(({}, {"rating": "rating", "event": "event"}, {"rating": "price"})))
    ways = {"quote": ("auto", "none", '"', "e"), "encoding": ("auto", "cp1252", "utf-16"), "header": (True, False)}
    reading = Reading(format=format, **{name: data.draw(st.sampled_from(values)) for name, values in ways.items()})
    if not reading.header:
        chosen = {"user": 1, "item": 2, "timestamp": 3}
    with small_chunks(chunk):
        load(path, format, reading, on_error="skip" if skip else "raise", columns=chosen)


@SETTINGS
@given(content=st.binary(max_size=200), format=st.sampled_from(FORMATS[1:]))
def test_bytes_that_are_no_file(tmp_path: Path, content: bytes, format: str) -> None:
    path = tmp_path / "x.bin"
    path.write_bytes(content)
    load(path, format, on_error="skip")


COMMAS = Dialect(",", '"', header=True, names=("one", "two", "three"))
FIELD = st.text(st.sampled_from('ab1.,"\r\n\t é\0'), max_size=4)


@SETTINGS
@given(rows=st.lists(st.lists(FIELD, min_size=1, max_size=4), max_size=12), chunk=st.sampled_from((1, 20, 1000)))
@example(rows=[["a", "b", ""], ["a", "b", "1"]], chunk=1)
def test_csv_is_read_as_the_csv_module_reads_it(tmp_path: Path, rows: list[list[str]], chunk: int) -> None:
    """Well-formed records: those of three fields are given, all others, of one line each, are counted as skipped."""
    rows = [[v.replace("\r", "").replace("\n", "") for v in row] if len(row) != 3 else row for row in rows]
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    path = tmp_path / "x.csv"
    path.write_bytes(b"one,two,three\n" + text.getvalue().encode())
    ledger = Ledger(skip=True)
    with small_chunks(chunk):
        batches = list(csv_batches(TextFile(path, "auto", ledger), COMMAS, ledger))
    given_rows = [list(row) for batch in batches for row in batch.frame.rows()]
    records = [row for row in csv.reader(io.StringIO(text.getvalue(), newline="")) if row]
    assert given_rows == [[value or None for value in row] for row in records if len(row) == 3]
    assert ledger.read == len(records)
    assert sum(ledger.skipped.values()) == sum(len(row) != 3 for row in records)


LINE = st.text(st.sampled_from("ab1.,\t é"), max_size=8)


@SETTINGS
@given(lines=st.lists(LINE, max_size=20), end=st.sampled_from(("\n", "\r\n")), last=st.booleans())
def test_lines_without_quotes(tmp_path: Path, lines: list[str], end: str, last: bool) -> None:
    """The fast way and the slow way are one: a line has three fields, or is counted."""
    path = tmp_path / "x.csv"
    path.write_bytes(("one,two,three" + end + end.join(lines) + end * last).encode())
    ledger = Ledger(skip=True)
    with small_chunks(16):
        batches = list(csv_batches(TextFile(path, "auto", ledger), COMMAS, ledger))
    split = [line.split(",") for line in lines if line]
    numbers = [n for n, line in enumerate(lines, 2) if line.count(",") == 2]
    assert [row for batch in batches for row in batch.frame.rows()] == [
        tuple(value or None for value in row) for row in split if len(row) == 3
    ]
    assert [int(n) for batch in batches for n in batch.numbers] == numbers
    assert ledger.read == len(split)


VALUE = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=3), st.lists(st.integers())
)


@SETTINGS
@given(rows=st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(("user", "item", "timestamp", "x"), VALUE))))
def test_json_of_any_values(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = load(path, "jsonl", on_error="skip")
    if result is not None:
        assert result[1].read == len(rows)


@SETTINGS
@given(
    times=st.lists(
        st.one_of(st.text(st.sampled_from("0123456789-:TZ+. e"), max_size=20), st.dates().map(str)), min_size=1
    )
)
def test_text_as_times(tmp_path: Path, times: list[str]) -> None:
    frame = pl.DataFrame({"user": ["a"] * len(times), "item": ["b"] * len(times), "timestamp": times})
    result = load(write(frame, tmp_path / "x.parquet"), "parquet", on_error="skip")
    assume(result is not None)
    assert result is not None
    assert result[1].read == len(times)


def test_the_damage_is_found(tmp_path: Path) -> None:
    """The fuzzing above would pass if everything were refused, so here is what is not."""
    for format in FORMATS[1:]:
        path = tmp_path / f"x.{format}"
        path.write_bytes(written(tmp_path, format))
        assert load(path, format) is not None
    path = tmp_path / "x.csv"
    path.write_bytes(written(tmp_path, "csv") + b"a,b\n")
    assert load(path, "csv") is None
    result = load(path, "csv", on_error="skip")
    assert result is not None
    assert result[0] == 12
    text = TextFile(path, "auto", Ledger())
    with pytest.raises(DataError, match="line 14"):
        list(csv_batches(text, dialect_of(text, Reading(), ",", True, Ledger()), Ledger()))
