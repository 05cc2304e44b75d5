"""The roles of the columns, by name. If the user gives the position of a column, its name is looked up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import evolve, frozen

from recframe.builtin.datasets.tabular.formats.source import Source
from recframe.builtin.datasets.tabular.options import RowOptions

_EVENTS = ("user", "item", "item_list", "timestamp", "event", "rating")
_ITEMS, _USERS = ("item_id", "title"), ("user_id",)


@frozen
class Columns:
    """The name of the column for each role of `ColumnOptions`.

    Attributes:
        item: The column of the item, or of the list of items.
        item_option: The option that names `item`: `item` or `item_list`.
    """

    user: str
    item: str
    item_option: str
    timestamp: str | None
    event: str | None
    rating: str | None
    item_id: str | None
    user_id: str | None
    title: str | None

    @property
    def lists(self) -> bool:
        """Whether a row holds a list of items."""
        return self.item_option == "item_list"


def named_columns(options: RowOptions, events: Source, items: Sequence[Source], users: Sequence[Source]) -> Columns:
    """The names of all columns, also of those that the user gives by position.

    Raises:
        DataError: There is no column at a position.
        SpecError: A position and a name refer to the same column.
    """
    tables = ((_EVENTS, [events]), (_ITEMS, items), (_USERS, users))
    places = {
        role: sources[0].require(place, f"dataset.columns.{role}")
        for roles, sources in tables
        for role in roles
        if sources and isinstance(place := getattr(options.columns, role), int)
    }
    columns: Any = evolve(options, columns=evolve(options.columns, **places)).columns  # `evolve` validates again
    option = "item" if columns.item_list is None else "item_list"
    names = {role: getattr(columns, role) for role in (*_EVENTS, *_ITEMS, *_USERS) if role not in ("item", "item_list")}
    return Columns(item=getattr(columns, option), item_option=option, **names)
