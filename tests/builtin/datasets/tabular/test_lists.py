"""Lists of items in a field: an event for each item, and the book still counts rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, strategies as st

from recframe.builtin.datasets.tabular import from_table
from recframe.builtin.datasets.tabular.events import read_events
from recframe.builtin.datasets.tabular.formats import (
    columnar as tabular_columnar,
    csv_rows as tabular_csv,
    json_rows as tabular_json,
)
from recframe.builtin.datasets.tabular.formats.frame import open_table
from recframe.builtin.datasets.tabular.ledger import Ledger
from recframe.builtin.datasets.tabular.options import ColumnOptions, RowOptions
from recframe.builtin.datasets.tabular.plan import make_plan
from recframe.errors import DataError, SpecError
from tests.builtin.datasets.tabular.tables import read, tuples
from tests.builtin.datasets.tabular.test_fuzz import SETTINGS

LISTS = {"item_list": "history"}


def write(rows: list[tuple[str, list[str], int]], path: Path, separator: str = " ") -> Path:
    """Rows of user, items and time as text, or as lists where the format has them."""
    ending = path.suffix[1:]
    if ending in ("csv", "tsv"):
        mark = "\t" if ending == "tsv" else ";"
        lines = [mark.join((user, separator.join(items), str(time))) for user, items, time in rows]
        path.write_text("\n".join([mark.join(("user", "history", "timestamp")), *lines]) + "\n")
    elif ending == "jsonl":
        path.write_text("".join(json.dumps({"user": u, "history": i, "timestamp": t}) + "\n" for u, i, t in rows))
    else:
        types = {"user": pl.String(), "history": pl.List(pl.String()), "timestamp": pl.Int64()}
        pl.DataFrame(rows, schema=types, orient="row").write_parquet(path)
    return path


ROW = st.tuples(st.sampled_from("abc"), st.lists(st.sampled_from(("x", "y", "z é")), max_size=4), st.integers(1, 3))


@SETTINGS
@given(
    rows=st.lists(ROW, min_size=1, max_size=8),
    ending=st.sampled_from(("csv", "tsv", "jsonl", "parquet")),
    size=st.sampled_from((1, 2, 1000)),
)
def test_an_event_for_each_item_in_order(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, list[str], int]], ending: str, size: int
) -> None:
    path = write(rows, tmp_path_factory.mktemp("lists") / f"x.{ending}", "|")
    expected = [(user, item, time) for user, items, time in rows for item in items]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tabular_csv, "CHUNK", size)
        patch.setattr(tabular_json, "ROWS", size)
        patch.setattr(tabular_columnar, "ROWS", size)
        options: dict[str, Any] = {"item_list_separator": "|", "separator": {"csv": ";"}.get(ending), "ties": "file"}
        if not expected:
            with pytest.raises(DataError, match="the data has no interactions"):
                read(path, LISTS, **options)
            return
        data = read(path, LISTS, **options)
    assert tuples(data) == sorted(expected, key=lambda event: (event[0], event[2]))
    empty = sum(not items for _, items, _ in rows)
    assert f"column 'history': {len(rows) - empty} rows have {len(expected)} events" in data.notes
    left_out = f"{empty} of {len(rows)} rows were left out: the list of items in column history is empty"
    assert (left_out in data.notes) == bool(empty)


def test_items_of_one_row_stay_together_where_equal_times_are_drawn(tmp_path: Path) -> None:
    rows = [("a", [f"{row}-{place}" for place in range(3)], 1) for row in range(20)]
    data = read(write(rows, tmp_path / "x.parquet"), LISTS, ties="hash")
    items = [item for _, item, _ in tuples(data)]
    assert sorted(items[::3]) == sorted(f"{row}-0" for row in range(20)) != items[::3]
    for first, second, third in zip(items[::3], items[1::3], items[2::3], strict=True):
        assert (second, third) == (first.replace("-0", "-1"), first.replace("-0", "-2"))
    # Events out of one row are in the row's order: 19 of 59 neighbours are of two rows.
    assert data.equal_times is not None
    assert data.equal_times.as_before.sum() == 19


def test_text_is_split_at_blanks(tmp_path: Path) -> None:
    path = write([("a", ["N1", "", "N2 "], 1), ("b", ["N3"], 2)], tmp_path / "x.tsv")
    assert tuples(read(path, LISTS)) == [("a", "N1", 1), ("a", "N2", 1), ("b", "N3", 2)]
    path = write([("a", ["7", " 8"], 1)], tmp_path / "x.csv", ",")
    assert tuples(read(path, LISTS, item_list_separator=",")) == [("a", 7, 1), ("a", 8, 1)]


def test_lists_as_programs_write_them(tmp_path: Path) -> None:
    rows = ["['N1', 'N, 2']", '["N3"]', "[]", "[N4", "[7 8]", "N5 N6"]
    (tmp_path / "x.tsv").write_text("user\thistory\n" + "".join(f"a\t{row}\n" for row in rows))
    data = read(tmp_path / "x.tsv", LISTS, on_error="skip")
    assert [item for _, item, _ in tuples(data)] == ["N1", "N, 2", "N3", "[N4", "N5", "N6"]
    notes = "\n".join(data.notes)
    assert "1 of 6 rows were skipped: " in notes
    assert "1 of 6 rows were left out: the list of items in column history is empty" in notes
    assert "column 'history' is read as lists in the notation of JSON or Python, such as \"['N1', 'N, 2']\"" in notes


def test_other_columns_are_those_of_the_row() -> None:
    frame = pl.DataFrame(
        {"user": ["a", "b"], "history": [[1, 2], [2]], "timestamp": [1, 2], "stars": [3.0, 4.0], "shop": ["x", "y"]}
    )
    data = from_table(frame, columns={**LISTS, "rating": "stars"})
    assert tuples(data) == [("a", 1, 1), ("a", 2, 1), ("b", 2, 2)]
    assert data.events["rating"].tolist() == [3, 3, 4]
    assert data.categories["shop"][data.events["shop"]].tolist() == ["x", "x", "y"]


@pytest.mark.parametrize("size", [1, 2, 100])
def test_the_row_of_each_event_is_kept(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabular_columnar, "ROWS", size)
    lists = [["x", "y"], [], ["z"], ["x", "x", "y"]]
    frame = pl.DataFrame({"user": ["a"] * 4, "history": lists, "timestamp": [1] * 4})
    source, options = open_table(frame, "table"), RowOptions(columns=ColumnOptions(item_list="history"))
    events = read_events(make_plan(options, [(0, source)], [], [], Ledger()), Ledger())
    assert events.row is not None
    rows = events.row.tolist()
    assert [rows.count(row) for row in dict.fromkeys(rows)] == [2, 1, 3]
    assert rows == sorted(rows)


@pytest.mark.parametrize("bad", [["x", None], ["x", "y\n"], ["", "x"]])
def test_a_list_with_what_is_no_id_is_a_bad_row(bad: list[Any]) -> None:
    frame = pl.DataFrame({"user": ["a", "b"], "history": [["x", "y"], bad], "timestamp": [1, 2]})
    with pytest.raises(DataError, match=r"row 2, column history: .* is not a list of ids: a value in it is not an id"):
        from_table(frame, columns=LISTS)
    data = from_table(frame, columns=LISTS, on_error="skip")
    assert tuples(data) == [("a", "x", 1), ("a", "y", 1)]
    assert any(note.startswith("1 of 2 rows were skipped: ") for note in data.notes)


MIXED: dict[str, tuple[str, str]] = {
    "number and text": ('[1, "1"]', "mixed id types: '1' among ids such as 1"),
    "lists of lists": ("[[1], [2]]", r"\[1\] is a list, not an id"),
    "objects": ('[{"id": 1}]', r"\{'id': 1\} is an object, not an id"),
    "truth": ("[true]", "True is a truth value, not an id"),
}


@pytest.mark.parametrize(("value", "message"), MIXED.values(), ids=MIXED)
def test_json_lists_of_what_is_no_id(tmp_path: Path, value: str, message: str) -> None:
    (tmp_path / "x.jsonl").write_text(f'{{"user": "a", "history": {value}, "timestamp": 1}}\n')
    with pytest.raises(DataError, match=f"line 1, column history: {message}"):
        read(tmp_path / "x.jsonl", LISTS)


@pytest.mark.parametrize(
    ("value", "items"),
    [
        ("[1.0, 2]", [1, 2]),
        ("[18446744073709551615]", ["18446744073709551615"]),
        ('"N1 N2"', ["N1", "N2"]),
        ("7", [7]),
    ],
)
def test_json_lists_of_ids(tmp_path: Path, value: str, items: list[Any]) -> None:
    (tmp_path / "x.jsonl").write_text(f'{{"user": "a", "history": {value}, "timestamp": 1}}\n')
    assert [item for _, item, _ in tuples(read(tmp_path / "x.jsonl", LISTS))] == items
    (tmp_path / "x.jsonl").write_text(f'{{"user": "a", "history": {value}}}\n{{"user": "a", "history": [null]}}\n')
    bare = value.startswith('"')
    with pytest.raises(
        DataError,
        match="line 1, column history: there are both text and lists" if bare else "a value in it is not an id",
    ):
        read(tmp_path / "x.jsonl", LISTS)


def test_filters_of_events_count_events() -> None:
    frame = pl.DataFrame({"user": ["a", "b"], "history": [["x", "x", "y"], ["x"]], "timestamp": [1, 2]})
    notes = from_table(frame, columns=LISTS, keep="first").notes
    assert "column 'history': 2 rows have 4 events" in notes
    assert "1 of 4 events were left out: the user has another event with this item (keep=first)" in notes


def test_lists_stand_in_place_of_items() -> None:
    with pytest.raises(SpecError, match="item and item_list are both set"):
        RowOptions(columns=ColumnOptions(item="sku", item_list="history"))
    with pytest.raises(DataError, match=r"no column 'histry': the nearest is 'history'.*dataset\.columns\.item_list"):
        from_table(pl.DataFrame({"user": ["a"], "history": [["x"]]}), columns={"item_list": "histry"})
    with pytest.raises(SpecError, match="user and item_list are both the column 'user'"):
        RowOptions(columns=ColumnOptions(item_list="user"))
    with pytest.raises(SpecError, match="item_list_separator must be at least one character"):
        RowOptions(item_list_separator="")


def test_numbers_are_lists_of_one() -> None:
    frame = pl.DataFrame({"user": ["a", "a"], "history": [7, None], "timestamp": [1, 2]})
    assert tuples(from_table(frame, columns=LISTS)) == [("a", 7, 1)]
    with pytest.raises(DataError, match=r"column history: item_list names it, but it holds Float64; make it lists"):
        from_table(frame.with_columns(history=1.5), columns=LISTS)
