"""The user's mistakes: one error that names file, row, column and value, or a count of what was skipped."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from recframe.builtin.datasets.tabular import codes as tabular_coder, from_table
from recframe.errors import DataError
from tests.builtin.datasets.tabular.tables import events, read, tuples, write

HEAD = "user,item,timestamp,stars\n"
GOOD = "a,x,1,1\n" * 3
FUTURE = int(time.time()) + 10 * 86_400

#: The fourth line of a file, what it must say, and whether it is a matter of one row.
ROWS: dict[str, tuple[str, str]] = {
    "no user": (",x,1,1", "x.csv, line 5, column user: an empty value is not an id;"),
    "no item": ("a,,1,1", "x.csv, line 5, column item: an empty value is not an id"),
    "a line break in an id": (
        'a,"x\ny",1,1',
        "column item: 'x\\ny' is not an id: it has a line break, or no character",
    ),
    "NUL in an id": ("a,x\0,1,1", "x.csv, line 5, column item: 'x\\x00' is not an id: it has a NUL character"),
    "a long id": ("a," + "x" * 1001 + ",1,1", "line 5, column item: 'xxx"),
    "no time": ("a,x,,1", "line 5, column timestamp: an empty value is not a time"),
    "a word as time": (
        "a,x,soon,1",
        "line 5, column timestamp: 'soon' is not a time: write seconds, a date, or a time in ISO 8601",
    ),
    "no such day": ("a,x,2023-02-29,1", "line 5, column timestamp: '2023-02-29' is not a time"),
    "no such hour": ("a,x,2023-02-28T25:00,1", "column timestamp: '2023-02-28T25:00' is not a time"),
    "a negative time": ("a,x,-5,1", "line 5, column timestamp: '-5' is a time before 1970"),
    "a future time": (f"a,x,{FUTURE},1", f"column timestamp: '{FUTURE}' is in the future; are these milliseconds?"),
    "a future day": ("a,x,9999-12-31,1", "column timestamp: '9999-12-31' is in the future; correct or remove it"),
    "no such zone": ("a,x,2023-02-28T20:00+99:99,1", "column timestamp: '2023-02-28T20:00+99:99' is not a time"),
    "no such minutes": ("a,x,2023-02-28T20:00-03:60,1", "column timestamp: '2023-02-28T20:00-03:60' is not a time"),
    "a zone too far": ("a,x,2023-02-28T20:00+1500,1", "column timestamp: '2023-02-28T20:00+1500' is not a time"),
    "milliseconds": ("a,x,1700000000000,1", "dataset.time_unit=ms"),
    "no rating": ("a,x,1,", "line 5, column stars: an empty value is not a rating"),
    "a word as rating": ("a,x,1,good", "line 5, column stars: 'good' is not a rating: write a number"),
    "NaN": ("a,x,1,nan", "line 5, column stars: 'nan' is not a rating"),
    "infinity": ("a,x,1,inf", "column stars: 'inf' is not a rating"),
    "a field too few": ("a,x,1", "x.csv, line 5: 'a,x,1' has 3 of 4 fields"),
    "a field too many": ("a,x,1,1,1", "x.csv, line 5: 'a,x,1,1,1' has 5 of 4 fields"),
    "a quote inside": ('a,"x"y,1,1', "x.csv, line 5: 'a,\"x\"y,1,1' has quotation marks"),
}


@pytest.mark.parametrize(("row", "message"), ROWS.values(), ids=ROWS)
def test_a_row_that_cannot_be_used(tmp_path: Path, row: str, message: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(HEAD + GOOD + row + "\n" + GOOD)
    with pytest.raises(DataError) as refusal:
        read(path, {"rating": "stars"})
    assert message in str(refusal.value)
    assert "dataset.on_error=skip" in str(refusal.value)
    data = read(path, {"rating": "stars"}, on_error="skip")
    assert tuples(data) == [("a", "x", 1)] * 6
    assert len(data.notes) == 2
    assert data.notes[0].startswith("1 of 7 rows were skipped")
    assert "line 5" in data.notes[0]


def test_bytes_that_are_no_utf8(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes((HEAD + GOOD).encode() + b"a,\xff,1,1\n")
    with pytest.raises(DataError, match=r"x\.csv, line 5: .* is not UTF-8"):
        read(tmp_path / "x.csv")
    assert read(tmp_path / "x.csv", on_error="skip").num_events == 3


def test_a_quotation_mark_that_is_never_closed(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(HEAD + GOOD + 'a,"x,1,1\n' + GOOD)
    with pytest.raises(DataError, match=r"line 5: .* a quotation mark that is not closed; .*dataset\.quote=none"):
        read(tmp_path / "x.csv")
    data = read(tmp_path / "x.csv", on_error="skip")
    assert data.num_events == 6
    assert any(note.startswith("1 of 7 rows were skipped: ") for note in data.notes)


JSON_ROWS: dict[str, tuple[str, str]] = {
    "cut off": ('{"user": "a", "item": "x", "tim', 'x.jsonl, line 2: \'{"user": "a", "item": "x", "tim\''),
    "a list": ("[1]", "x.jsonl, line 2: '[1]' is not a JSON object"),
    "half a character": ('{"user": "\\ud800", "item": "x", "timestamp": 1}', "line 2: "),
    "no user": ('{"item": "x", "timestamp": 1}', "line 2, column user: an empty value is not an id"),
    "NaN as time": ('{"user": "a", "item": "x", "timestamp": NaN}', "column timestamp: nan is not a time"),
    "a list as time": ('{"user": "a", "item": "x", "timestamp": [1]}', "column timestamp: '[1]' is not a time"),
}


@pytest.mark.parametrize(("row", "message"), JSON_ROWS.values(), ids=JSON_ROWS)
def test_a_json_line_that_cannot_be_used(tmp_path: Path, row: str, message: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"user": "a", "item": "x", "timestamp": 1}\n' + row)
    with pytest.raises(DataError) as refusal:
        read(path)
    assert message in str(refusal.value)
    data = read(path, on_error="skip")
    assert data.num_events == 1
    assert data.notes[0].startswith("1 of 2 rows were skipped")


NO_LINES: dict[str, tuple[str, str]] = {
    "an array": ('[{"user": 1}]', "it holds a JSON array; write each of its objects on its own line"),
    "an array on many lines": ('[\n  {\n    "user": 1\n  }\n]\n', "it holds a JSON array"),
    "one object on many lines": ('{\n  "user": 1\n}\n', "its first line is '{'"),
    "trash": ("\nPK\x03\x04\n", "its first line is 'PK"),
    "empty objects": ("{}\n{}\n", "its first line is '{}'"),
    "a long line": ("x" * 10_000, "its first line is 'xxx"),
    "blank lines": ("\n \n", "its first 1,000 lines are blank"),
}


@pytest.mark.parametrize(("text", "message"), NO_LINES.values(), ids=NO_LINES)
def test_a_file_that_is_no_json_lines(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "x.jsonl").write_text(text)
    with pytest.raises(DataError) as refusal:
        read(tmp_path / "x.jsonl")
    assert "x.jsonl: expected a JSON object with keys on each line, but there is none: " in str(refusal.value)
    assert message in str(refusal.value)
    assert len(str(refusal.value)) < 400


@pytest.mark.parametrize(
    ("value", "name"), [('{"id": 1}', "an object"), ("[[1], [2]]", "a list"), ("true", "a truth value")]
)
def test_json_ids_that_are_neither_text_nor_numbers(tmp_path: Path, value: str, name: str) -> None:
    line = '{"user": 1, "item": 2, "timestamp": 3}\n'
    for text in (line + line.replace("1", value), line.replace("1", value)):
        (tmp_path / "x.jsonl").write_text(text)
        with pytest.raises(DataError, match=rf"line \d, column user: .* is {name}, not an id; make ids text or whole"):
            read(tmp_path / "x.jsonl")


@pytest.mark.parametrize(
    ("mark", "how"),
    [
        (";", "dataset.separator=';'"),
        ("\t", "dataset.format=tsv dataset.separator=null"),
        ("|", "dataset.separator='|'"),
        (",", "dataset.separator=','"),
    ],
)
def test_another_separator_is_named(tmp_path: Path, mark: str, how: str) -> None:
    (tmp_path / "x.csv").write_text(mark.join(["user", "item", "timestamp"]) + "\n" + mark.join("ab1") + "\n")
    with pytest.raises(DataError, match="no column 'user': the only column is 'user") as refusal:
        read(tmp_path / "x.csv", separator=";" if mark == "," else ",")
    assert str(refusal.value).endswith(f"set {how}")


def test_mixed_id_types(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text(
        '{"user": 1, "item": "x", "timestamp": 1}\n{"user": "1", "item": "x", "timestamp": 1}\n'
    )
    with pytest.raises(DataError, match=r"x\.jsonl, line 2, column user: mixed id types: '1' among ids such as 1"):
        read(tmp_path / "x.jsonl")
    one = pl.DataFrame({"user": [1], "item": [1], "timestamp": [1]})
    write(one, tmp_path / "shards/1.parquet")
    write(one.with_columns(pl.col("user").cast(pl.String)), tmp_path / "shards/2.parquet")
    with pytest.raises(
        DataError,
        match=r"2\.parquet, column user: mixed id types: ids are text here, but they were whole numbers before",
    ):
        read(tmp_path / "shards")
    with pytest.raises(DataError, match=r"column user: ids are Boolean; make them text or whole numbers"):
        from_table(one.with_columns(user=True))
    with pytest.raises(DataError, match=r"row 1, column user: 1\.5 is not an id: it is not a whole number"):
        from_table(one.with_columns(user=1.5))
    for user in (2.0**53, 1e300):
        with pytest.raises(DataError, match=r" is not an id: floating-point numbers from 2\^53 are not exact; write"):
            from_table(one.with_columns(user=user))


def test_missing_columns(tmp_path: Path) -> None:
    write(events(), tmp_path / "x.csv")
    with pytest.raises(DataError, match=r"no column 'usr': the nearest is 'user'; name it in dataset\.columns\.user"):
        read(tmp_path / "x.csv", {"user": "usr"})
    with pytest.raises(DataError, match=r"no column 'qqq': the columns are 'user', 'item'.*dataset\.columns\.item"):
        read(tmp_path / "x.csv", {"item": "qqq"})
    with pytest.raises(DataError, match=r"no column 'tmestamp'.*'timestamp'"):
        read(tmp_path / "x.csv", {"timestamp": "tmestamp"})
    (tmp_path / "y.csv").write_text("user,item,user\n1,2,3\n")
    with pytest.raises(DataError, match=r"y\.csv, line 1: two columns are called 'user'"):
        read(tmp_path / "y.csv")


def test_files_that_are_not_there(tmp_path: Path) -> None:
    write(events(), tmp_path / "events.csv")
    write(events(), tmp_path / "mixed/a.csv")
    write(events(), tmp_path / "mixed/b.parquet")
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other/book.txt").touch()
    (tmp_path / "book.docx").write_text("x")
    (tmp_path / "x.csv.gz").write_text("x")
    (tmp_path / "nothing.csv").touch()
    (tmp_path / "head.csv").write_text(HEAD)
    cases = {
        "event.csv": r"dataset\.path: no file or folder .*event\.csv; the nearest name in .* is 'events\.csv'",
        "no/such.csv": r"there is no folder .*no either",
        "*.tsv": r"dataset\.path: no file matches '.*\*\.tsv'",
        "empty": r"the folder .*empty has no files to read: it holds nothing",
        "other": r"the folder .*other has no files to read: it holds book\.txt; file names must end in \.csv",
        "book.docx": r"unknown file type '\.docx' of .*book\.docx; the types are \.csv.*dataset\.format",
        "x.csv.gz": r"x\.csv\.gz cannot be unpacked: it is damaged, truncated, or not such an archive",
        "mixed": r"a\.csv is csv, but .*b\.parquet is parquet; select files of one format",
        "nothing.csv": r"nothing\.csv is empty: it has no rows",
        "head.csv": r"the data has no interactions; .*head\.csv is empty",
        "x" * 5000: r"cannot be read",
    }
    for name, message in cases.items():
        with pytest.raises(DataError, match=message):
            read(tmp_path / name)


@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_a_file_that_ends_in_the_middle(tmp_path: Path, ending: str) -> None:
    whole = write(events(), tmp_path / f"x.{ending}").read_bytes()
    for length in (3, 10, len(whole) // 2, len(whole) - 5):
        (tmp_path / f"cut.{ending}").write_bytes(whole[:length])
        with pytest.raises(DataError, match=rf"cut\.{ending} cannot be read"):
            read(tmp_path / f"cut.{ending}")


def test_shards_with_different_columns(tmp_path: Path) -> None:
    write(events(), tmp_path / "s/1.csv")
    write(events().drop("price"), tmp_path / "s/2.csv")
    with pytest.raises(
        DataError, match=r"files with different columns: .*2\.csv lacks 'price', compared with .*1\.csv"
    ):
        read(tmp_path / "s")
    assert read(tmp_path / "s", extra=("device",)).num_events == 180
    write(events().with_columns(more=1), tmp_path / "s/2.csv")
    with pytest.raises(DataError, match=r"2\.csv also has 'more'"):
        read(tmp_path / "s")


def test_items_without_a_row(tmp_path: Path) -> None:
    frame = pl.DataFrame({"user": [1, 1], "item": ["a", "b"], "timestamp": [1, 2]})
    items = pl.DataFrame({"item": ["a"], "price": [1.5]})
    with pytest.raises(DataError, match=r"1 of 2 items have no row in the item table: b; .*one of its ids is 'a'"):
        from_table(frame, items=items, missing_items="raise")
    with pytest.raises(DataError, match=r"2 of 2 items have no row"):  # ids of another kind, surely
        from_table(frame, items=items.with_columns(item=7))
    with pytest.raises(DataError, match=r"row 2, column item: 'a' occurred before"):
        from_table(frame, items=pl.concat([items, items]))
    data = from_table(frame, items=pl.concat([items, items]), on_error="skip")
    assert data.items["price"].tolist() == ["1.5", ""]
    assert any(note.startswith("1 of 2 rows were skipped") for note in data.notes)
    with pytest.raises(DataError, match=r"no column 'item'.*dataset\.columns\.item_id"):
        from_table(frame, items=items.rename({"item": "sku"}))


def test_ids_given_twice_are_told_by_file_and_line(tmp_path: Path) -> None:
    frame = pl.DataFrame({"user": [1, 1], "item": ["a", "b"], "timestamp": [1, 2]})
    for name, ids in (("1", "a"), ("2", "ba")):
        (tmp_path / "items").mkdir(exist_ok=True)
        (tmp_path / f"items/{name}.csv").write_text("item,price\n" + "".join(f"{item},1\n" for item in ids))
    with pytest.raises(DataError, match=r"2\.csv, line 3, column item: 'a' occurred before"):
        read(write(frame, tmp_path / "x.csv"), items=str(tmp_path / "items"))


def test_more_ids_than_int32_can_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabular_coder, "LIMIT", 3)
    with pytest.raises(DataError, match=r"column 'user': 12 different values, but at most 3 are possible"):
        from_table(events(rows=500))


def test_filters_that_leave_nothing() -> None:
    with pytest.raises(DataError, match=r"the filters leave no interactions: 90 of 90 rows .*fewer than 1000 events"):
        from_table(events(), min_history=1000)
    with pytest.raises(DataError, match=r"no interactions; 90 of 90 rows were left out: the event is none of byu"):
        from_table(events(), columns={"event": "event"}, event_types=["byu"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    write(events(), tmp_path / "x.csv").chmod(0)
    with pytest.raises(DataError, match=r"x\.csv cannot be read"):
        read(tmp_path / "x.csv")


def test_columns_of_other_types_are_left_out_aloud() -> None:
    frame = events().with_columns(pair=pl.struct("user", "item"), tags=pl.concat_list("user"))
    data = from_table(frame)
    assert "pair" not in data.sources
    assert any(note.startswith("column 'tags' holds List") for note in data.notes)
    wrong: dict[str, Any] = {"rating": "tags"}
    with pytest.raises(DataError, match=r"column tags: ratings are List"):
        from_table(frame, columns=wrong)
