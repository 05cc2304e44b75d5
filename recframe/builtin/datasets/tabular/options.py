"""What can be said of a table of interactions: where it is, what its columns are, and which rows count."""

from __future__ import annotations

from attrs import frozen

from recframe import DatasetOptions, SpecError, option
from recframe.builtin.datasets.tabular.formats.encoding import known_encoding
from recframe.builtin.datasets.tabular.formats.endings import FORMATS
from recframe.builtin.datasets.tabular.formats.format import AUTO, Reading
from recframe.builtin.datasets.tabular.time_formats import check_format


@frozen
class ColumnOptions:
    """Which column is what, by its name, or by its place as a number counted from 1."""

    user: str | int = option("user", help="Column of the user's id: its name, or its place, counted from 1.")
    item: str | int = option("item", help="Column of the item's id.")
    item_list: str | int | None = option(
        None, help="Column of lists of items, in place of `item`: one event for each item, in the list's order."
    )
    timestamp: str | int | None = option("timestamp", help="Column of the time; none: the order of the rows.")
    event: str | int | None = option(None, help="Column of the kind of event, such as view or purchase.")
    rating: str | int | None = option(None, help="Column of a rating.")
    item_id: str | int | None = option(None, help="Id column of the item table; none: as in the interactions, or `id`.")
    user_id: str | int | None = option(None, help="Id column of the user table; none: as in the interactions, or `id`.")
    title: str | int | None = option(
        None, help="Column of the item table that stands for an item in lists; none: `title`."
    )


@frozen(slots=False)  # two bases with slots cannot have one child
class FileOptions:
    """Files of interactions, and of items and users where there are such."""

    path: str = option(help="Interactions: a file, a glob, or a folder of shards; csv, tsv, jsonl, parquet or arrow.")
    validation: str | None = option(None, help="Interactions to validate with, where the data is split already.")
    test: str | None = option(None, help="Interactions to test with, where the data is split already.")
    items: str | None = option(None, help="Table of the items; its columns are feature sources.")
    users: str | None = option(None, help="Table of the users; its columns are sources of user groups.")
    format: str = option("auto", choices=FORMATS, help="Format of the files; `auto` goes by their names.")
    encoding: str = option(
        AUTO,
        help="Encoding of text, by Python's name; `auto`: UTF-8, UTF-16, or cp1252, a guess that a note names.",
    )
    separator: str | None = option(
        None, help="Separator of values in csv; none: a comma, in tsv a tab, or a guess that a note names."
    )
    quote: str = option(
        AUTO, help='Quotation mark of csv; `auto`: `"` in csv, none in tsv; `none`: quotation marks are text.'
    )
    header: bool = option(True, help="Whether the first line of csv and tsv names the columns and is not a row.")
    items_header: bool | None = option(None, help="The same for the item table; none: as `header`.")
    users_header: bool | None = option(None, help="The same for the user table; none: as `header`.")
    names: tuple[str, ...] = option(
        (), help="Names of the interactions' columns, in place of line 1; none: those of line 1, else `column_1`, ..."
    )

    def reading(self, table: str) -> Reading:
        """How the files of an option, such as `items`, are written."""
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
            raise SpecError("data that is split already needs both dataset.validation and dataset.test")
        known_encoding(self.encoding)
        if self.separator is not None and (len(self.separator.encode()) != 1 or self.separator in '"\r\n\0'):
            raise SpecError(f"separator: {self.separator!r} is not allowed: must be one character, not a quote")
        if self.quote not in (AUTO, "none"):
            if len(self.quote) != 1 or self.quote in "\r\n\0":
                raise SpecError(f"quote: {self.quote!r} is not allowed: must be auto, none, or one character")
            if self.quote == self.separator:
                raise SpecError(f"quote and separator are both {self.quote!r}; values could not be told apart")
        twice = next((name for name in self.names if self.names.count(name) > 1), None)
        if twice is not None or "" in self.names:
            raise SpecError(f"names: {twice or ''!r} is not allowed: each column needs a name of its own")


@frozen
class RowOptions:
    """How rows are read, and which of them count: the same for files and for tables in Python."""

    columns: ColumnOptions = option(ColumnOptions(), help="Which columns hold what: `dataset.columns.user=customer`.")  # noqa: RUF009
    extra: tuple[str, ...] | None = option(None, help="Further columns kept as feature sources; none: all.")
    numbers: tuple[str, ...] = option(
        (), help="Further columns, of any table, that hold numbers: a row with something else there cannot be used."
    )
    item_list_separator: str = option(" ", help="Separator of the items, where `columns.item_list` is text.")
    time_unit: str = option("s", choices=("s", "ms", "us", "ns"), help="Unit of timestamps that are numbers.")
    ties: str = option(
        "auto",
        choices=("auto", "file", "hash"),
        help="What orders a user's events of equal time: the file, or a hash with the seed; `auto`: the file if it is "
        "a log whose order cannot be learnt, otherwise the hash.",
    )
    time_format: str | None = option(
        None, help="How times are written, in codes of strptime: `%m/%d/%Y %H:%M`; none: numbers, dates or ISO 8601."
    )
    lists: tuple[str, ...] = option((), help="Text columns of the item table that hold several values.")
    list_separator: str = option("|", help="Separator of the values in `lists` columns.")
    on_error: str = option(
        "raise", choices=("raise", "skip"), help="What to do with a row that cannot be used; skipped rows are counted."
    )
    missing_items: str = option(
        "note", choices=("note", "raise"), help="What to do about items that the item table does not have."
    )
    min_rating: float | None = option(None, help="Rows with a lower rating are left out.")
    event_types: tuple[str | int | float | bool, ...] = option(
        (), help="Kinds of event to keep: texts, numbers or truth values; empty: all."
    )
    keep: str = option("all", choices=("all", "first", "last"), help="Which of a user's events with one item to keep.")
    max_history: int | None = option(None, ge=1, help="Users with more events, such as robots, are left out.")
    min_history: int = option(1, ge=1, help="Users with fewer events are left out.")
    k_core: int = option(1, ge=1, help="Leave out users and items with fewer events, again until none has fewer.")

    def __attrs_post_init__(self) -> None:
        needs = {"min_rating": (self.min_rating is not None, "rating"), "event_types": (self.event_types, "event")}
        for name, (is_set, role) in needs.items():
            if is_set and getattr(self.columns, role) is None:
                raise SpecError(f"{name} needs a column: set dataset.columns.{role}")
        if self.columns.item_list is not None and self.columns.item != "item":
            raise SpecError("columns: item and item_list are both named; leave one of them out")
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
