"""A new format is one class and one line of the table: its files are read as those of any other."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from attrs import frozen

from recframe import DataError
from recframe.builtin.datasets.tabular.batch import RowBatch
from recframe.builtin.datasets.tabular.formats.endings import ENDINGS
from recframe.builtin.datasets.tabular.formats.format import Format, Reading
from recframe.builtin.datasets.tabular.formats.source import Source
from recframe.builtin.datasets.tabular.formats.text import open_text
from recframe.builtin.datasets.tabular.ledger import Ledger
from tests.builtin.datasets.tabular.tables import read, tuples


@frozen
class Pairs:
    """Lines of pairs, such as `user=a item=7`: all have the names of the first."""

    name: str = "pairs"
    options: frozenset[str] = frozenset({"encoding"})
    is_text: bool = True

    def open(self, file: Path, reading: Reading, ledger: Ledger) -> Source | None:
        text = open_text(file, reading.encoding, ledger)
        if text is None:
            return None
        with text.open() as lines:
            names = tuple(pair.partition("=")[0] for pair in lines.readline().decode().split())

        def read(columns: Sequence[str], ids: Mapping[str, bool], ledger: Ledger) -> Iterator[RowBatch]:
            with text.open() as lines:
                rows = [dict(pair.split("=") for pair in line.decode().split()) for line in lines]
            ledger.read += len(rows)
            yield RowBatch(pl.DataFrame(rows).select(columns), str(text), "line", np.arange(1, len(rows) + 1))

        return Source(str(text), names, typed=False, read=read)


PAIRS: Format = Pairs()
LINES = ["user=b item=7 timestamp=3 via=web", "user=a item=7 timestamp=2 via=app", "user=a item=9 timestamp=1 via=app"]
EVENTS = [("a", 9, 1), ("a", 7, 2), ("b", 7, 3)]


def write(lines: list[str], path: Path) -> str:
    path.write_text("".join(f"{line}\n" for line in lines))
    return str(path)


def test_a_format_is_a_class_and_a_line_of_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(LINES, tmp_path / "x.pairs")
    with pytest.raises(DataError, match=r"unknown file type '\.pairs'"):
        read(path)
    monkeypatch.setitem(ENDINGS, ".pairs", PAIRS)
    items = write(["item=7 title=Mug price=2.5", "item=9 title=Cup price=3"], tmp_path / "items.pairs")
    data = read(path, items=items, min_history=2)
    assert tuples(data) == EVENTS[:2]
    assert data.items["title"].tolist() == ["Mug", "Cup"]
    assert data.items["price"].tolist() == [2.5, 3.0]
    assert data.sources == ("item", "via", "title", "price")
    assert any(note.startswith("1 of 3 rows were left out: the user has fewer than 2 events") for note in data.notes)


def test_its_shards_are_one_table_and_may_be_packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENDINGS, ".pairs", PAIRS)
    write(LINES[:2], tmp_path / "1.pairs")
    (tmp_path / "2.pairs.gz").write_bytes(gzip.compress(LINES[2].encode()))
    (tmp_path / "3.pairs").touch()
    data = read(tmp_path)
    assert tuples(data) == EVENTS
    assert f"{tmp_path}/3.pairs is empty and was skipped" in data.notes


def test_its_rows_and_options_are_told_as_those_of_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENDINGS, ".pairs", PAIRS)
    path = write([*LINES, "user=a item=9 timestamp=soon via=app"], tmp_path / "x.pairs")
    with pytest.raises(DataError, match=r"x\.pairs, line 4, column timestamp: 'soon' is not a time"):
        read(path)
    data = read(path, on_error="skip", separator=";")
    assert tuples(data) == EVENTS
    assert f"{path} is pairs: these options have no effect for it: dataset.separator" in data.notes
    with pytest.raises(DataError, match=r"is pairs, which has column names; remove dataset\.names"):
        read(path, names=("user", "item", "timestamp", "via"))
    with pytest.raises(DataError, match="no column 'usr': the nearest is 'user'"):
        read(path, {"user": "usr"})
