"""Interactions of the user's own: the same from every format, with attributes, parts and names as they are mapped."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from recframe.builtin.datasets.tabular import ColumnOptions, TabularOptions, from_table
from recframe.builtin.datasets.tabular.formats import columnar as tabular_columnar, csv_rows as tabular_csv
from recframe.errors import DataError, SpecError
from recframe.interactions.interactions import TEST, TRAIN, VALIDATION
from tests.builtin.datasets.tabular.tables import ENDINGS, events, plain, read, tuples, write

ROLES = {"rating": "rating", "event": "event"}


def test_every_format_gives_the_same(tmp_path: Path) -> None:
    frame = events()
    expected = plain(from_table(frame, columns=ROLES))
    assert set(expected["events"]) == {"rating", "event", "device", "price", "amount"}
    for ending in ENDINGS:
        data = read(write(frame, tmp_path / f"events.{ending}"), ROLES, quote='"' if ending == "tsv" else "auto")
        assert plain(data) == expected, ending
        assert data.notes == ("times from 2017-07-14 to 2017-07-14",), ending


def test_events_are_as_a_plain_reading_has_them() -> None:
    frame = events()
    rows = sorted(frame.select("user", "item", "timestamp").rows(), key=lambda row: (row[0], row[2]))
    data = from_table(frame, columns=ROLES, ties="file")
    assert tuples(data) == rows
    ordered = frame.sort("user", "timestamp", maintain_order=True)
    column = data.column("device")
    assert column.values[column.index].tolist() == ordered["device"].to_list()
    np.testing.assert_array_equal(data.events["rating"], ordered["rating"].to_numpy().astype(np.float32))


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "arrow"])
def test_shards_are_one_table(tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabular_csv, "CHUNK", 100)
    monkeypatch.setattr(tabular_columnar, "ROWS", 7)
    frame = events()
    expected = plain(from_table(frame, columns=ROLES))
    folder = tmp_path / "shards"
    for number in range(3):
        write(frame[30 * number : 30 * number + 30], folder / f"part-{number}.{ending}")
    (folder / "_SUCCESS").touch()
    assert plain(read(folder, ROLES)) == expected
    assert plain(read(f"{folder}/part-*.{ending}", ROLES)) == expected
    write(frame[:0], folder / f"part-3.{ending}")
    (folder / f"part-4.{ending}").touch()
    data = read(folder, ROLES)
    assert plain(data) == expected
    assert sum("is empty and was skipped" in note for note in data.notes) == 2


IDS: dict[str, list[Any]] = {
    "whole numbers": [3, 10, 2, 3],
    "text": ["b", "aé", "007", "b"],
    "text of digits": ["7", "007", "12", "7"],
    "UUIDs": [str(uuid.UUID(int=n << 90)) for n in (3, 1, 2, 3)],
    "large numbers": [2**62, 5, -3, 2**62],
}


@pytest.mark.parametrize("ids", IDS.values(), ids=IDS)
@pytest.mark.parametrize("ending", ENDINGS)
def test_ids_keep_their_type(tmp_path: Path, ending: str, ids: list[Any]) -> None:
    frame = pl.DataFrame({"user": ids, "item": ids, "timestamp": [1, 2, 3, 4]})
    data = read(write(frame, tmp_path / f"x.{ending}"))
    assert data.user_ids.tolist() == sorted(set(ids))
    assert data.items["id"].tolist() == sorted(set(ids))


def test_ids_in_other_types() -> None:
    made = [uuid.UUID(int=n) for n in (1, 2)]
    frame = pl.DataFrame({"user": [value.bytes for value in made], "item": [2.0, 5.0], "timestamp": [1, 2]})
    data = from_table(frame)
    assert data.user_ids.tolist() == [str(value) for value in made]
    assert data.items["id"].tolist() == [2, 5]
    assert data.items["id"].dtype == np.int64


MOMENT = datetime(2024, 2, 29, 12, 30, 15, tzinfo=UTC)
TIMES: dict[str, tuple[Any, str]] = {
    "seconds": (1709209815, "s"),
    "milliseconds": (1709209815999, "ms"),
    "nanoseconds": (1709209815999999999, "ns"),
    "a fraction": (1709209815.75, "s"),
    "text of digits": ("1709209815", "s"),
    "text with a point": ("1709209815.5", "s"),
    "ISO": ("2024-02-29T12:30:15Z", "s"),
    "ISO with a blank": ("2024-02-29 12:30:15", "s"),
    "ISO with a fraction": ("2024-02-29T12:30:15.123456", "s"),
    "ISO with a zone": ("2024-02-29T14:00:15+01:30", "s"),
    "ISO behind Greenwich": ("2024-02-29T04:30:15-0800", "s"),
}


@pytest.mark.parametrize(("value", "unit"), TIMES.values(), ids=TIMES)
@pytest.mark.parametrize("ending", ENDINGS)
def test_times(tmp_path: Path, ending: str, value: Any, unit: str) -> None:
    frame = pl.DataFrame({"user": ["a"], "item": ["b"], "timestamp": [value]})
    assert read(write(frame, tmp_path / f"x.{ending}"), time_unit=unit).timestamp.tolist() == [1709209815]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_date_times(unit: Any) -> None:
    frame = pl.DataFrame({"user": ["a"], "item": ["b"], "timestamp": [MOMENT]})
    zoned = frame.with_columns(pl.col("timestamp").dt.cast_time_unit(unit).dt.convert_time_zone("UTC"))
    assert from_table(zoned).timestamp.tolist() == [1709209815]
    assert from_table(zoned.with_columns(pl.col("timestamp").dt.date())).timestamp.tolist() == [1709164800]


def test_without_times_the_order_of_the_rows_counts(tmp_path: Path) -> None:
    frame = pl.DataFrame({"user": ["b", "a", "b"], "item": [2, 1, 1], "time": [9, 8, 7]})
    data = read(write(frame, tmp_path / "x.csv"))
    assert tuples(data) == [("a", 1, 1), ("b", 2, 0), ("b", 1, 2)]
    assert data.notes == (
        "there is no column 'timestamp': the order of the rows is used as the order of the events; if 'time' is the "
        "time, set dataset.columns.timestamp=time",
    )
    assert "no column of times is set" in from_table(frame, columns={"timestamp": None}).notes[0]
    assert from_table(frame, columns={"timestamp": "time"}).notes[0].startswith("times from 1970-01-01")


def test_item_and_user_tables(tmp_path: Path) -> None:
    frame = pl.DataFrame({"user": ["b", "a", "b"], "sku": ["x", "y", "z"], "timestamp": [1, 2, 3], "price": [1, 2, 3]})
    (tmp_path / "items.csv").write_text(
        'sku,name,tags,price,postcode,made\nx,Mug,red|blue,2.5,0123,5\nz,"Big ""mug""",,,9,6\nw,None,a,1,1,1\n'
    )
    (tmp_path / "users.jsonl").write_text('{"id": "a", "age": 30, "town": "Łódź"}\n{"id": "b", "town": null}\n')
    data = read(
        write(frame, tmp_path / "x.csv"),
        {"item": "sku", "title": "name"},
        items=str(tmp_path / "items.csv"),
        users=str(tmp_path / "users.jsonl"),
        lists=("tags",),
    )
    assert plain(data)["items"] == {
        "id": ["x", "y", "z"],
        "title": ["Mug", "", 'Big "mug"'],
        "tags": [["red", "blue"], [], []],
        "item_price": ["2.5", "", ""],  # nothing is not 0, unless a number is read
        "postcode": ["0123", "", "9"],
        "made": ["5", "", "6"],
    }
    assert data.lists == ("tags",)
    assert plain(data)["users"] == {"age": ["30", ""], "town": ["Łódź", ""]}
    notes = "\n".join(data.notes)
    assert "1 of 3 items have no row in" in notes
    assert "so their attributes are empty: y" in notes
    assert "1 items of" in notes
    assert "column 'price' of the item table is renamed to 'item_price'" in notes
    assert "column 'age'" in notes


@pytest.mark.parametrize("ending", ["jsonl", "parquet", "arrow"])
def test_list_columns_of_items(tmp_path: Path, ending: str) -> None:
    items = pl.DataFrame({"item": [1, 2], "tags": [["a", "b"], []], "sizes": [[1], [2, 3]]})
    frame = pl.DataFrame({"user": [1, 1], "item": [1, 2], "timestamp": [1, 2]})
    data = from_table(frame, items=items)
    assert plain(data)["items"] == {"id": [1, 2], "tags": [["a", "b"], []], "sizes": [[1], [2, 3]]}
    files = read(write(frame, tmp_path / "x.csv"), items=str(write(items, tmp_path / f"items.{ending}")))
    assert plain(files) == plain(data)


def test_data_that_is_split_already(tmp_path: Path) -> None:
    frame = events()
    paths = [str(write(frame[at : at + 30], tmp_path / f"{at}.csv")) for at in (0, 30, 60)]
    data = read(paths[0], ROLES, validation=paths[1], test=paths[2])
    part_of = {}
    for part, at in ((TRAIN, 0), (VALIDATION, 30), (TEST, 60)):
        for row in frame[at : at + 30].select("user", "item", "timestamp", "price").rows():
            part_of.setdefault(row, set()).add(part)
    assert data.parts is not None
    assert data.parts.dtype == np.int8
    assert np.bincount(data.parts).tolist() == [30, 30, 30]
    for row, price, part in zip(tuples(data), data.events["price"].tolist(), data.parts.tolist(), strict=True):
        assert part in part_of[(*row, price)]
    users, times = data.user_of_event(), data.timestamp
    tied = (np.diff(users) == 0) & (np.diff(times) == 0)
    assert (np.diff(data.parts)[tied] >= 0).all()
    split = from_table(frame[:30], validation=frame[30:60], test=frame[60:], columns=ROLES)
    assert plain(split) == plain(data)


def test_further_columns_can_be_chosen() -> None:
    assert from_table(events(), extra=["price"]).sources == ("item", "price")
    assert from_table(events(), extra=()).sources == ("item",)
    with pytest.raises(DataError, match=r"no column 'prize': the nearest is 'price'; name it in dataset\.extra"):
        from_table(events(), extra=["prize"])


def test_csv_with_another_separator_and_line_ends(tmp_path: Path) -> None:
    text = '\ufeffuser;item;timestamp;note\r\nü;1;2;"a;\r\nb ""c"""\r\n\r\nv;2;3;\r\n'
    (tmp_path / "x.csv").write_bytes(text.encode())
    data = read(tmp_path / "x.csv", separator=";")
    assert tuples(data) == [("v", 2, 3), ("ü", 1, 2)]
    assert data.column("note").values.tolist() == ["", 'a;\r\nb "c"']
    (tmp_path / "y.txt").write_text("user item timestamp\na b 1\n")
    assert read(tmp_path / "y.txt", format="csv", separator=" ").num_events == 1


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a rating without a column": ({"min_rating": 3.0}, "min_rating needs a column: set dataset.columns.rating"),
    "events without a column": ({"event_types": ("buy",)}, "event_types needs a column"),
    "half a split": ({"test": "x"}, "both dataset.validation and dataset.test"),
    "a long separator": ({"separator": "::"}, "separator: '::' is not allowed"),
    "one column twice": ({"columns": ColumnOptions(item="user")}, "user and item are both the column 'user'; name"),
    "the time twice": ({"columns": ColumnOptions(timestamp="item")}, "item and timestamp are both the column 'item'"),
    "no separator of lists": ({"list_separator": ""}, "list_separator"),
}


@pytest.mark.parametrize(("options", "message"), REFUSED.values(), ids=REFUSED)
def test_options_that_do_not_go_together(options: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError) as refusal:
        TabularOptions(path="x.csv", **options)
    assert message in str(refusal.value)


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "arrow"])
def test_columns_of_any_name(tmp_path: Path, ending: str) -> None:
    """Names that mean something to Polars, or nothing, are names here."""
    names = {"user": "*", "item": "^.*$", "timestamp": "", "rating": "a.b", "price": "^pr", "event": "é\n"}
    frame = events().select(pl.col(name).alias(new) for name, new in names.items())
    frame = frame.with_columns(events()["timestamp"].cast(pl.String).alias("*time"))
    columns = {"user": "*", "item": "^.*$", "timestamp": "*time", "rating": "a.b"}
    if ending == "csv":
        frame = frame.rename({"é\n": "é"})  # the names of csv stand on one line
    data = read(write(frame, tmp_path / f"x.{ending}"), columns)
    expected = from_table(events(), columns=ROLES)
    assert tuples(data) == tuples(expected)
    np.testing.assert_array_equal(data.events["^pr"], expected.events["price"])


def test_keys_that_come_late_are_told(tmp_path: Path) -> None:
    line = '{"user": 1, "item": 2, "timestamp": 3}\n'
    (tmp_path / "x.jsonl").write_text(line * 1000 + line.replace("}", ', "late": 1}'))
    data = read(tmp_path / "x.jsonl")
    assert data.sources == ("item",)
    assert "since they are not in the first 1,000 lines: 'late'" in data.notes[0]
