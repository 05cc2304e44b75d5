"""What can be refused before a row is read is refused by the plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from recframe import DataError, SpecError
from recframe.builtin.datasets.tabular.batch import RowBatch
from recframe.builtin.datasets.tabular.build import build
from recframe.builtin.datasets.tabular.formats.source import Source
from recframe.builtin.datasets.tabular.ledger import Ledger
from recframe.builtin.datasets.tabular.options import ColumnOptions, RowOptions
from recframe.builtin.datasets.tabular.plan import make_plan


def unread(name: str, *columns: str, suspect: bool = False) -> Source:
    """A source of which no row may be read."""

    def read(columns: Sequence[str], ids: Mapping[str, bool], ledger: Ledger) -> Iterator[RowBatch]:
        raise AssertionError(f"rows of {name} were read")

    header = "dataset.header" if suspect else None
    return Source(name, columns, typed=False, read=read, header=header, suspect=suspect)


EVENTS = unread("events", "user", "item", "timestamp", "price")
REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "no such user column": ({"columns": ColumnOptions(user="usr")}, {}, "events: no column 'usr': the nearest is"),
    "no such place": ({"columns": ColumnOptions(user=9)}, {}, "events: no column 9: there are 4"),
    "no such extra": ({"extra": ("prize",)}, {}, "events: no column 'prize': the nearest is 'price'"),
    "no such number": ({"numbers": ("prize",)}, {}, "dataset.numbers: no column 'prize': the nearest is 'price'"),
    "another shard": ({}, {"more": unread("more", "user", "item")}, "more: no column 'timestamp'"),
    "a shard without names": (
        {},
        {"more": unread("more", "a1", "b2", "3", suspect=True)},
        "line 1 was read as column names, but looks like a row: if it is one, set dataset.header=false",
    ),
    "no id of the items": ({}, {"items": [unread("items", "sku")]}, "items: no column 'item': the columns are 'sku'"),
    "no id of the users": ({}, {"users": [unread("users", "name")]}, "users: no column 'user'"),
    "no such title": (
        {"columns": ColumnOptions(title="name")},
        {"items": [unread("items", "id", "names")]},
        "items: no column 'name': the nearest is 'names'; name it in dataset.columns.title",
    ),
    "no such list": ({"lists": ("tags",)}, {"items": [unread("items", "id")]}, "items: no column 'tags'"),
    "unlike shards of items": (
        {},
        {"items": [unread("items", "id", "a"), unread("others", "id")]},
        "files with different columns: others and items",
    ),
}


@pytest.mark.parametrize(("options", "tables", "message"), REFUSED.values(), ids=REFUSED)
def test_a_plan_is_refused_before_a_row_is_read(options: dict[str, Any], tables: dict[str, Any], message: str) -> None:
    events = [(0, EVENTS), *([(0, tables["more"])] if "more" in tables else [])]
    with pytest.raises(DataError) as refusal:
        build(RowOptions(**options), events, tables.get("items", []), tables.get("users", []), Ledger())
    assert message in str(refusal.value)


def test_a_place_and_a_name_of_one_column() -> None:
    options = RowOptions(columns=ColumnOptions(user=2))
    with pytest.raises(SpecError, match="user and item are both the column 'item'"):
        make_plan(options, [(0, EVENTS)], [], [], Ledger())


def test_what_is_read() -> None:
    ledger = Ledger()
    items, users = unread("items", "item", "name", "tags"), unread("users", "id", "age")
    options = RowOptions(columns=ColumnOptions(user=1, timestamp=None, rating="price", title="name"), lists=("tags",))
    plan = make_plan(options, [(0, EVENTS), (1, EVENTS)], [items], [users], ledger)
    assert plan.roles == {"user": "user", "item": "item", "rating": "price"}
    assert list(plan.extras) == ["timestamp"]
    assert (plan.timed, plan.split) == (False, True)
    assert plan.items is not None
    assert (plan.items.id, list(plan.items.lists), plan.items.title) == ("item", ["tags"], "name")
    assert plan.users is not None
    assert plan.users.id == "id"
    assert ledger.remarks == ["no column of times is set: the order of the rows is used as the order of the events"]
