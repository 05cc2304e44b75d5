"""Kinds of event, however they are written, and titles in two tables or of several items."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings, strategies as st

import recframe
from recframe.builtin.datasets.tabular import from_table
from recframe.errors import DataError
from recframe.interactions.interactions import Interactions
from tests.builtin.datasets.tabular.tables import read, tuples, write

KINDS = [1, 2, 1, 3, 0, 1]
FRAME = pl.DataFrame({"user": [1, 1, 2, 2, 3, 3], "item": list("abcabc"), "timestamp": range(6)})
WRITTEN: dict[str, Any] = {
    "whole": KINDS,
    "float": [float(kind) for kind in KINDS],
    "text": [str(kind) for kind in KINDS],
    "float text": [f"{kind}.0" for kind in KINDS],
}
ENDINGS = ("csv", "jsonl", "parquet", "arrow")


def kept(data: Interactions) -> list[int]:
    return sorted(time for _, _, time in tuples(data))


def every_way(frame: pl.DataFrame, folder: Path, **options: Any) -> dict[str, Interactions]:
    columns = {"event": "kind"}
    made = {end: read(write(frame, folder / f"x.{end}"), columns, **options) for end in ENDINGS}
    made["polars"] = from_table(frame, columns=columns, **options)
    made["pandas"] = from_table(frame.to_pandas(), columns=columns, **options)
    return made


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("wanted", [(1, 3), ("1", "3"), (1.0, 3.0), ("1.0", 3)], ids=str)
def test_kinds_that_are_numbers(tmp_path: Path, written: str, wanted: tuple[Any, ...]) -> None:
    frame = FRAME.with_columns(kind=pl.Series(WRITTEN[written]))
    for where, data in every_way(frame, tmp_path, event_types=wanted).items():
        assert kept(data) == [0, 2, 3, 5], where


@pytest.mark.parametrize("wanted", [(True,), ("true",), ("True",), (1,)], ids=str)
@pytest.mark.parametrize(
    "values",
    [[True, False, True, False, True, False], ["True", "False"] * 3, ["true", "false"] * 3, [1, 0] * 3],
    ids=str,
)
def test_kinds_that_are_truth_values(tmp_path: Path, values: list[Any], wanted: tuple[Any, ...]) -> None:
    for where, data in every_way(FRAME.with_columns(kind=pl.Series(values)), tmp_path, event_types=wanted).items():
        assert kept(data) == [0, 2, 4], where


def test_texts_are_no_numbers(tmp_path: Path) -> None:
    frame = FRAME.with_columns(kind=pl.Series(["view", "01", "1", "buy", "View", "view"]))
    for where, data in every_way(frame, tmp_path, event_types=("view", 1)).items():
        assert kept(data) == [0, 2, 5], where


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["view", "buy", "cart", ""]), min_size=1, max_size=30), st.sets(st.sampled_from("abc")))
def test_a_miss_lists_the_kinds_there_are(kinds: list[str], wanted: set[str]) -> None:
    frame = pl.DataFrame({"user": 1, "item": 1, "timestamp": range(len(kinds)), "kind": kinds})
    with pytest.raises(DataError) as refusal:
        from_table(frame, columns={"event": "kind"}, event_types=[*wanted, "vew"])
    for kind, count in Counter(kinds).items():
        assert f"{kind or 'none'} ({count})" in str(refusal.value)
    assert ("the nearest is 'view', as in dataset.event_types='[view]'" in str(refusal.value)) == (
        "view" in kinds and not wanted
    )


def test_one_of_several_kinds_that_no_row_has_is_told() -> None:
    data = from_table(FRAME.with_columns(kind=pl.Series(KINDS)), columns={"event": "kind"}, event_types=[1, 9])
    assert kept(data) == [0, 2, 5]
    (note,) = [note for note in data.notes if "event_types" in note]
    assert "no row has '9' in column 'kind': there are 1 (3), 0 (1), 2 (1), 3 (1)" in note


@pytest.mark.parametrize("value", ["[1,3]", "[true]", "[1.0]", "[view]", "['a b',\"2\"]"])
def test_kinds_on_the_command_line(value: str) -> None:
    overrides = ["dataset=tabular", "dataset.path=x.csv", "dataset.columns.event=kind", f"dataset.event_types={value}"]
    expected = {"[1,3]": (1, 3), "[true]": (True,), "[1.0]": (1.0,), "[view]": ("view",)}.get(value, ("a b", "2"))
    assert recframe.compose(overrides).dataset.options.event_types == expected


def test_a_title_in_both_tables_has_two_names() -> None:
    events = FRAME.with_columns(title=pl.Series(["lead", "chief", "lead", "head", "head", "lead"]))
    items = pl.DataFrame({"item": list("abc"), "title": ["Alpha", "Beta", "Gamma"]})
    users = pl.DataFrame({"user": [1, 2, 3], "title": ["Dr", "Prof", "Ms"]})
    data = from_table(events, items=items, users=users)
    assert data.items["title"].tolist() == data.items["item_title"].tolist() == ["Alpha", "Beta", "Gamma"]
    column = data.column("title")
    assert column.values[column.index].tolist() == ["lead", "chief", "lead", "head", "head", "lead"]
    column = data.column("item_title")
    assert column.values[column.index].tolist() == ["Alpha", "Beta", "Gamma"] * 2
    assert data.users["title"].tolist() == ["Dr", "Prof", "Ms"]
    assert data.sources.count("title") == 1
    assert any(
        "column 'title' of the item table is renamed to 'item_title', since its name is in use" in n for n in data.notes
    )
    named = from_table(events, items=items.rename({"title": "name"}), columns={"title": "name"})
    assert named.items["title"].tolist() == named.items["item_name"].tolist() == ["Alpha", "Beta", "Gamma"]


def test_a_title_of_several_items_is_told_with_their_ids() -> None:
    items = pl.DataFrame({"item": list("abc"), "title": ["Twin", "One", "Twin"]})
    (note,) = [note for note in from_table(FRAME, items=items).notes if "title" in note]
    assert note == (
        "1 title belongs to several items, such as 'Twin' to 'a' and 'c': requests must name such items by id"
    )
    assert not [n for n in from_table(FRAME, items=items.with_columns(title=pl.lit(""))).notes if "title" in n]
