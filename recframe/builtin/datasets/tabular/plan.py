"""Decides which columns of which files are read, and reports errors that are known before a row is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from attrs import frozen

from recframe import DataError, nearest, override
from recframe.builtin.datasets.tabular.columns import Columns, named_columns
from recframe.builtin.datasets.tabular.formats.source import Source
from recframe.builtin.datasets.tabular.ledger import Ledger
from recframe.builtin.datasets.tabular.options import RowOptions


@frozen(eq=False)
class AttributePlan:
    """How to read a table of items or users.

    Attributes:
        what: `item` or `user`, for messages.
        id: The column of the ids.
        lists: The text columns that hold several values.
        title: The column of displayed texts. The table may lack it. Empty for users.
    """

    what: str
    sources: Sequence[Source]
    id: str
    lists: Sequence[str] = ()
    title: str = ""


@frozen(eq=False)
class Plan:
    """What to read.

    Attributes:
        events: The sources of the events, each with its part of the split. Without a split, all parts are equal.
        roles: The column of each role that the data has: `user`, `item` or `item_list`, `timestamp`, ...
        extras: The further columns to read.
        items, users: The tables of attributes, or None.
    """

    options: RowOptions
    events: Sequence[tuple[int, Source]]
    columns: Columns
    roles: Mapping[str, str]
    extras: Sequence[str]
    items: AttributePlan | None
    users: AttributePlan | None

    @property
    def first(self) -> Source:
        """The source with which the others are compared."""
        return self.events[0][1]

    @property
    def timed(self) -> bool:
        return "timestamp" in self.roles

    @property
    def split(self) -> bool:
        return len({part for part, _ in self.events}) > 1


def make_plan(
    options: RowOptions,
    events: Sequence[tuple[int, Source]],
    items: Sequence[Source],
    users: Sequence[Source],
    ledger: Ledger,
) -> Plan:
    """Plan the reading of open sources. The ledger gets notes for the user.

    Raises:
        DataError: A column is missing.
        SpecError: A position and a name refer to the same column.
    """
    first = events[0][1]
    _require_numbers(options.numbers, [first, *items[:1], *users[:1]])
    columns = named_columns(options, first, items, users)
    roles = _roles(columns, first, ledger)
    for _, source in events[1:]:
        with with_header_hint(source):
            for role, column in roles.items():
                source.require(column, f"dataset.columns.{role}")
    return Plan(
        options=options,
        events=events,
        columns=columns,
        roles=roles,
        extras=_extras(options, roles, first, ledger),
        items=_items(options, columns, items) if items else None,
        users=_users(columns, users) if users else None,
    )


@contextmanager
def with_header_hint(source: Source) -> Iterator[None]:
    """Add a hint to an error of a source whose line 1 may be a row, not the names of the columns."""
    try:
        yield
    except DataError as error:
        if not source.suspect or source.header is None:
            raise
        hint = (
            f"line 1 was read as column names, but looks like a row: if it is one, set {override(source.header, False)}"
        )
        raise DataError(f"{error}; {hint}") from None


def _require_numbers(names: Sequence[str], tables: Sequence[Source]) -> None:
    columns = [column for table in tables for column in table.columns]
    for name in names:
        if name not in columns:
            near = nearest(name, columns, any_case=True)
            hint = f"the nearest is {near!r}" if near else f"the columns are {', '.join(map(repr, columns))}"
            raise DataError(f"dataset.numbers: no column {name!r}: {hint}")


def _roles(columns: Columns, source: Source, ledger: Ledger) -> dict[str, str]:
    """The column of each role that the data has."""
    named = {"user": columns.user, columns.item_option: columns.item, "event": columns.event, "rating": columns.rating}
    roles = {
        role: source.require(column, f"dataset.columns.{role}") for role, column in named.items() if column is not None
    }
    order = "the order of the rows is used as the order of the events"
    if columns.timestamp == "timestamp" and "timestamp" not in source.columns:
        near = nearest("timestamp", [name for name in source.columns if name not in roles.values()], any_case=True)
        hint = f"; if {near!r} is the time, set {override('dataset.columns.timestamp', near)}" if near else ""
        ledger.remarks.append(f"there is no column 'timestamp': {order}{hint}")
    elif columns.timestamp is None:
        ledger.remarks.append(f"no column of times is set: {order}")
    else:
        roles["timestamp"] = source.require(columns.timestamp, "dataset.columns.timestamp")
    return roles


def _extras(options: RowOptions, roles: Mapping[str, str], source: Source, ledger: Ledger) -> list[str]:
    """The further columns. A column with the name of a role is not among them."""
    of_parts = set(roles.values())
    further = [name for name in source.columns if name not in of_parts]
    if options.extra is not None:
        named = [*options.extra, *(name for name in options.numbers if name in source.columns)]
        further = [source.require(name, "dataset.extra") for name in dict.fromkeys(named) if name not in of_parts]
    if "item" in further:
        further.remove("item")  # the source `item` of a feature is the item id
        ledger.remarks.append("no feature can read the column 'item', since the source `item` is the item id")
    return [name for name in further if name not in roles]


def _items(options: RowOptions, columns: Columns, sources: Sequence[Source]) -> AttributePlan:
    id = _id_column(sources, "item", columns.item_id, columns.item)
    lists = [sources[0].require(name, "dataset.lists") for name in options.lists]
    if columns.title is not None:
        sources[0].require(columns.title, "dataset.columns.title")
    return AttributePlan("item", sources, id, lists, columns.title or "title")


def _users(columns: Columns, sources: Sequence[Source]) -> AttributePlan:
    return AttributePlan("user", sources, _id_column(sources, "user", columns.user_id, columns.user))


def _id_column(sources: Sequence[Source], what: str, named: str | None, of_events: str) -> str:
    """The column of the ids: the one that the user names, or the name in the events, or `id`."""
    first = sources[0]
    column = named if named is not None else next((n for n in (of_events, "id") if n in first.columns), of_events)
    id = first.require(column, f"dataset.columns.{what}_id")
    for source in sources:
        if set(source.columns) != set(first.columns):
            raise DataError(f"files with different columns: {source.name} and {first.name}; make the columns equal")
    return id
