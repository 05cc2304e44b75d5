"""The options of `dataset=tabular`: where the files are, what their columns are, and which rows count."""

from __future__ import annotations

from attrs import frozen

from recframe import DatasetOptions, SpecError, option
from recframe.builtin.datasets.tabular.formats.encoding import known_encoding
from recframe.builtin.datasets.tabular.formats.endings import FORMATS
from recframe.builtin.datasets.tabular.formats.format import AUTO, Reading
from recframe.builtin.datasets.tabular.time_formats import check_format


@frozen
class ColumnOptions:
    """The roles of the columns. A column is given by its name, or by its position, counted from 1."""

    user: str | int = option("user", help="Column of the user id: its name, or its position, counted from 1.")
    item: str | int = option("item", help="Column of the item id.")
    item_list: str | int | None = option(
        None, help="Column of lists of items, instead of `item`: one event for each item, in the list's order."
    )
    timestamp: str | int | None = option("timestamp", help="Column of the time; none: the order of the rows is used.")
    event: str | int | None = option(None, help="Column of the kind of event, such as view or purchase.")
    rating: str | int | None = option(None, help="Column of the rating.")
    item_id: str | int | None = option(
        None, help="Id column of the item table; none: the name in the interactions, or else `id`."
    )
    user_id: str | int | None = option(
        None, help="Id column of the user table; none: the name in the interactions, or else `id`."
    )
    title: str | int | None = option(
        None, help="Column of the item table with the text that is displayed for an item; none: `title`."
    )


@frozen(slots=False)  # two bases with slots cannot have one child
class FileOptions:
    """The files of the interactions and, if there are any, of the items and users."""

    path: str = option(help="Interactions: a file, a glob, or a folder of files; csv, tsv, jsonl, parquet or arrow.")
    validation: str | None = option(None, help="Interactions for validation, if the data is already split.")
    test: str | None = option(None, help="Interactions for the test, if the data is already split.")
    items: str | None = option(None, help="Table of the items; features can read its columns.")
    users: str | None = option(None, help="Table of the users; features of user groups can read its columns.")
    format: str = option("auto", choices=FORMATS, help="Format of the files; `auto`: by the file names.")
    encoding: str = option(
        AUTO,
        help="Python's name of the text encoding; `auto`: UTF-8, UTF-16 by its byte-order mark, or a guess that a note "
        "reports.",
    )
    separator: str | None = option(
        None, help="Separator in csv and tsv; none: a comma in csv, a tab in tsv, or a guess that a note reports."
    )
    quote: str = option(
        AUTO, help='Quotation mark of csv and tsv; `auto`: `"` in csv, none in tsv; `none`: quotation marks are text.'
    )
    header: bool = option(True, help="Whether the first line of csv and tsv has the names of the columns.")
    items_header: bool | None = option(None, help="The same for the item table; none: as `header`.")
    users_header: bool | None = option(None, help="The same for the user table; none: as `header`.")
    names: tuple[str, ...] = option(
        (),
        help="Names of the interactions' columns, instead of those in line 1; empty: the names in line 1, or without a "
        "header `column_1`, `column_2`, ...",
    )

    def reading(self, table: str) -> Reading:
        """How to read the files of an option, such as `items`."""
        own = {"items": self.items_header, "users": self.users_header}.get(table)
        return Reading(
            format=self.format,
            separator=self.separator,
            quote=self.quote,
            encoding=known_encoding(self.encoding),
            header=self.header if own is None else own,
            header_option=f"dataset.{table}_header" if table in ("items", "users") else "dataset.header",
            names=() if table in ("items", "users") else self.names,
        )

    def __attrs_post_init__(self) -> None:
        if (self.validation is None) != (self.test is None):
            raise SpecError("data that is already split needs both dataset.validation and dataset.test")
        known_encoding(self.encoding)
        if self.separator is not None and (len(self.separator.encode()) != 1 or self.separator in '"\r\n\0'):
            raise SpecError(
                f"separator: {self.separator!r} is not allowed: it must be one character, and no quotation mark"
            )
        if self.quote not in (AUTO, "none"):
            if len(self.quote) != 1 or self.quote in "\r\n\0":
                raise SpecError(f"quote: {self.quote!r} is not allowed: it must be auto, none, or one character")
            if self.quote == self.separator:
                raise SpecError(f"quote and separator are both {self.quote!r}; choose different characters")
        twice = next((name for name in self.names if self.names.count(name) > 1), None)
        if twice is not None or "" in self.names:
            raise SpecError(f"names: {twice or ''!r} is not allowed: each column needs a unique name")


@frozen
class RowOptions:
    """How rows are read, and which of them count, for files and for tables in Python."""

    columns: ColumnOptions = option(ColumnOptions(), help="The roles of the columns: `dataset.columns.user=customer`.")  # noqa: RUF009
    extra: tuple[str, ...] | None = option(None, help="Further columns that features can read; none: all.")
    numbers: tuple[str, ...] = option(
        (), help="Further columns, of any table, that hold numbers; a row with another value there is invalid."
    )
    item_list_separator: str = option(" ", help="Separator of the items if `columns.item_list` is text.")
    time_unit: str = option("s", choices=("s", "ms", "us", "ns"), help="Unit of timestamps that are numbers.")
    ties: str = option(
        "auto",
        choices=("auto", "file", "hash"),
        help="Order of a user's events with equal times: `file`: the order of the file; `hash`: a random order with "
        "the seed; `auto`: the file if it is a log whose order cannot be learnt, otherwise the hash.",
    )
    time_format: str | None = option(
        None, help="Format of times, with codes of strptime: `%m/%d/%Y %H:%M`; none: numbers, dates or ISO 8601."
    )
    lists: tuple[str, ...] = option((), help="Text columns of the item table that hold several values.")
    list_separator: str = option("|", help="Separator of the values in `lists` columns.")
    on_error: str = option(
        "raise", choices=("raise", "skip"), help="What to do with an invalid row; a note counts the skipped rows."
    )
    missing_items: str = option(
        "note", choices=("note", "raise"), help="What to do with items that are not in the item table."
    )
    min_rating: float | None = option(None, help="Rows with a lower rating are left out.")
    event_types: tuple[str | int | float | bool, ...] = option(
        (), help="Kinds of event to keep: texts, numbers or truth values; empty: all."
    )
    keep: str = option(
        "all", choices=("all", "first", "last"), help="Which events to keep if a user has several with the same item."
    )
    max_history: int | None = option(
        None, ge=1, help="Users with more events, such as robots, are left out; none: no limit."
    )
    min_history: int = option(1, ge=1, help="Users with fewer events are left out.")
    k_core: int = option(
        1,
        ge=1,
        help="Users and items with fewer events are left out. Since this takes events from others, it is repeated "
        "until every user and item has this many; 1: nothing is left out.",
    )

    def __attrs_post_init__(self) -> None:
        needs = {"min_rating": (self.min_rating is not None, "rating"), "event_types": (self.event_types, "event")}
        for name, (is_set, role) in needs.items():
            if is_set and getattr(self.columns, role) is None:
                raise SpecError(f"{name} needs a column: set dataset.columns.{role}")
        if self.columns.item_list is not None and self.columns.item != "item":
            raise SpecError("columns: item and item_list are both set; remove one of them")
        items = "item" if self.columns.item_list is None else "item_list"
        columns = {role: getattr(self.columns, role) for role in ("user", items, "timestamp")}
        for role, column in columns.items():
            first = next(other for other, named in columns.items() if named == column)
            if column is not None and first != role:
                raise SpecError(
                    f"columns: {first} and {role} are both the column {column!r}; name another in "
                    f"dataset.columns.{role} or dataset.columns.{first}"
                )
        for name in ("list_separator", "item_list_separator"):
            if not getattr(self, name):
                raise SpecError(f"{name} must be at least one character")
        if self.time_format is not None:
            check_format(self.time_format)


@frozen
class TabularOptions(RowOptions, FileOptions, DatasetOptions):
    """Where the files are, what their columns are, and which rows count."""

    def __attrs_post_init__(self) -> None:
        FileOptions.__attrs_post_init__(self)
        RowOptions.__attrs_post_init__(self)
