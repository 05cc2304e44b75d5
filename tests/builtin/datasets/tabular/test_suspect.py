"""What can be read and is likely not what was meant: refused where it would swallow rows or memory, else told."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from recframe.builtin.datasets.tabular import fixed_width as tabular_texts, from_table
from recframe.builtin.datasets.tabular.formats import csv_rows as tabular_csv
from recframe.errors import DataError
from tests.builtin.datasets.tabular.tables import events, read, write

HEAD = "user,item,timestamp,stars\n"
GOOD = "a,x,1,1\n" * 3


def test_stray_quotation_marks_swallow_no_rows(tmp_path: Path) -> None:
    lines = [f"a,x{n},{n}," for n in range(1, 901)]
    lines[4] += '"nice'
    lines[699] += 'bad"'
    (tmp_path / "x.csv").write_text("user,item,timestamp,text\n" + "\n".join(lines) + "\n")
    with pytest.raises(DataError, match=r"x\.csv, line 6: .* a quotation mark that is not closed within 100 lines; if"):
        read(tmp_path / "x.csv")
    data = read(tmp_path / "x.csv", on_error="skip")
    assert data.items["id"].tolist() == sorted(f"x{n}" for n in range(1, 901) if n != 5)
    assert any(note.startswith("1 of 900 rows were skipped: ") for note in data.notes)
    assert read(tmp_path / "x.csv", quote="none").num_events == 900


@pytest.mark.parametrize("lines", [1, 2, 30, 98])
def test_a_value_that_holds_what_looks_like_rows_is_told(tmp_path: Path, lines: int) -> None:
    (tmp_path / "x.csv").write_text(HEAD + GOOD + 'a,x,1,"' + "b,y,2,1\n" * lines + '"\n' + GOOD)
    data = read(tmp_path / "x.csv")
    assert data.num_events == 7
    (swallowed,) = (note for note in data.notes if "a quoted value contains line breaks and separators" in note)
    assert f"lines 5 to {5 + lines} are read as one row" in swallowed
    assert "dataset.quote=none" in swallowed
    (tmp_path / "x.csv").write_text(HEAD + GOOD + 'a,x,1,"' + "by\n" * lines + '"\n' + GOOD)
    assert not any("line breaks and separators" in note for note in read(tmp_path / "x.csv").notes)


def test_of_a_broken_row_of_many_lines_the_first_alone_is_bad(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(HEAD + GOOD + 'a,x,1,"1\n' + "b,y,2,1\n" * 30 + 'c,z,3,4",2\n' + GOOD)
    data = read(tmp_path / "x.csv", on_error="skip")
    assert data.num_events == 36
    assert [note.split("x.csv, ")[1].split(":")[0] for note in data.notes if "rows were skipped" in note] == [
        "line 5",
        "line 36",
    ]


def test_a_long_value_is_a_value(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    (tmp_path / "x.csv").write_text(HEAD + GOOD + 'a,x,1,"' + "y" * 200_000 + '"\n' + GOOD)
    assert read(tmp_path / "x.csv", extra=()).num_events == 7
    assert csv.field_size_limit() == before


def test_line_ends_of_old_macs(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes((HEAD + GOOD).replace("\n", "\r").encode())
    with pytest.raises(
        DataError, match=r"line 1: the column names .* a carriage return that does not end a line; save"
    ):
        read(tmp_path / "x.csv")
    (tmp_path / "x.csv").write_bytes((HEAD + GOOD.replace("\n", "\r")).encode())
    with pytest.raises(DataError, match=r"line 2: .* a carriage return that does not end a line; save") as refusal:
        read(tmp_path / "x.csv")
    assert "universal" not in str(refusal.value)


TIMES: dict[str, tuple[list[Any], str, str]] = {
    "seconds": ([1546300800, 1593475200], "s", "times from 2019-01-01 to 2020-06-30"),
    "text": (["2020-06-30", "2019-01-01T23:59:59"], "s", "times from 2019-01-01 to 2020-06-30"),
    "from early on": ([1, 1593475200], "s", "times from 1970-01-01 to 2020-06-30"),
    "days as numbers": ([20240101, 20240102], "s", "times from 1970-08-23 to 1970-08-23, all before 1990: is"),
    "seconds as milliseconds": ([1700000000], "ms", "times from 1970-01-20 to 1970-01-20, all before 1990: is"),
    "days of a spreadsheet": ([45292.5], "s", "times from 1970-01-01 to 1970-01-01, all before 1990: is"),
}


@pytest.mark.parametrize(("values", "unit", "note"), TIMES.values(), ids=TIMES)
def test_first_and_last_day_are_told(values: list[Any], unit: str, note: str) -> None:
    frame = pl.DataFrame({"user": ["a"] * len(values), "item": ["b"] * len(values), "timestamp": values})
    (line,) = from_table(frame, time_unit=unit).notes
    assert line.startswith(note)
    assert ("dataset.time_unit" in line) == ("1990" in line)


def test_a_csv_file_that_ends_inside_a_time(tmp_path: Path) -> None:
    whole = "user,item,timestamp\n" + "a,x,1600000000\n" * 5
    note = "has no line end, and its time is much earlier than all others (1970-01-02): is the file truncated?"
    for text, expected in ((whole, 0), (whole[:-1], 0), (whole[:-5], 1), (whole[:-5] + "\n", 0)):
        (tmp_path / "x.csv").write_text(text)
        assert sum(note in line for line in read(tmp_path / "x.csv").notes) == expected


def test_files_of_a_split_that_lack_a_column(tmp_path: Path) -> None:
    paths = [str(write(events(), tmp_path / f"{name}.csv")) for name in ("train", "validation", "test")]
    data = read(paths[0], validation=paths[1], test=paths[2])
    assert len(set(data.notes)) == len(data.notes)
    assert not any("split already" in note for note in data.notes)  # the split itself says so
    write(events().rename({"user": "usr"}), tmp_path / "test.csv")
    with pytest.raises(DataError, match=r"test\.csv: no column 'user': the nearest is 'usr'; .*dataset\.columns\.user"):
        read(paths[0], validation=paths[1], test=paths[2])


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
@pytest.mark.parametrize("table", ["events", "items"])
@pytest.mark.parametrize("chunk", [8, 1 << 20])
def test_what_makes_numbers_text_is_told(
    tmp_path: Path, ending: str, table: str, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tabular_csv, "CHUNK", chunk)
    head = 0 if ending == "jsonl" else 1
    frame = pl.DataFrame({"user": [1] * 6, "item": [1, 2, 3, 4, 5, 6], "timestamp": [1] * 6})
    prices: list[Any] = [1.5, 2, "cheap", 4.25, "€5", 6]
    items = [f'{{"item": {n}, "sku": {n}, "price": {json.dumps(price)}}}' for n, price in enumerate(prices, 1)]
    if ending == "csv":
        items = ["item,sku,price", *(f"{n},{n},{price}" for n, price in enumerate(prices, 1))]
    path = tmp_path / f"priced.{ending}"
    path.write_text("\n".join(items) + "\n")
    if table == "items":
        data = read(write(frame, tmp_path / "x.csv"), items=str(path))
        place = f"column 'price' of {path}"
    else:
        data = read(path, {"user": "item", "item": "sku", "timestamp": None})
        place = "column 'price'"
    first = f"the first other value is 'cheap' in {path}, line {3 + head}"
    start = f"{place} is text, though most of its values are numbers: {first}"
    assert sum(note.startswith(start) for note in data.notes) == 1


@pytest.mark.parametrize("chunk", [8, 1 << 20])
def test_what_makes_ids_text_is_told(tmp_path: Path, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabular_csv, "CHUNK", chunk)
    path = tmp_path / "x.csv"
    path.write_text("user,item,timestamp\n1,7,1\n2,8,1\nb,9,1\n4,x,1\n5,y,1\n")
    notes = "\n".join(read(path).notes)
    text = "is text, though most of its values are whole numbers"
    assert f"column 'user' {text}: the first other value is 'b' in {path}, line 4" in notes
    assert f"column 'item' {text}: the first other value is 'x' in {path}, line 5" in notes
    path.write_text("user,item,timestamp\n1,7,1\na,z,1\nb,9,1\nc,x,1\nd,y,1\n")
    assert "is text" not in "\n".join(read(path).notes)


def test_one_long_text_takes_no_memory_of_others(tmp_path: Path) -> None:
    """With all texts of the longest one's width, a column would take 24 GB, and more in its copies."""
    rows = 6000
    texts = ["short"] * rows
    texts[6] = "y" * 1_000_000
    ids = pl.int_range(rows, eager=True)
    items = pl.DataFrame({"item": ids, "text": texts, "tags": texts, "title": texts})
    frame = pl.DataFrame({"user": ids, "item": ids, "timestamp": ids, "review": texts})
    path = write(items, tmp_path / "items.csv")
    data = read(write(frame, tmp_path / "x.csv"), items=str(path), lists=("tags",))
    assert data.items["text"][6] == data.items["title"][6] == data.items["tags"][6][0] == "y" * 1000
    assert data.items["text"].tolist()[:6] == ["short"] * 6
    assert max(map(len, data.categories["review"])) == 1000
    assert "column 'review': 1 texts of more than 1,000 characters are truncated" in data.notes
    assert f"column 'tags' of {path}: 1 texts of more than 1,000 characters are truncated" in data.notes


def test_texts_that_would_not_fit_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pl.DataFrame({"user": [1, 2], "item": [1, 2], "timestamp": [1, 2], "text": ["a" * 100, "b"]})
    items = pl.DataFrame({"item": [1, 2], "name": ["a" * 100, "b"]})
    monkeypatch.setattr(tabular_texts, "ROOM", 640)
    assert from_table(frame, items=items, extra=()).items["name"].tolist() == ["a" * 20, "b"]
    with pytest.raises(DataError, match=r"column 'text': 2 different texts of up to 100 characters .* dataset\.extra"):
        from_table(frame)


def test_texts_that_differ_in_nul_alone() -> None:
    frame = pl.DataFrame({"user": [1, 1], "item": [1, 2], "timestamp": [1, 2], "text": ["a", "a\0"]})
    assert from_table(frame).categories["text"].tolist() == ["a"]
