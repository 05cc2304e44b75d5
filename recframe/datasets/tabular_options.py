"""What can be said of a table of interactions: where it is, what its columns are, and which rows count."""

from __future__ import annotations

from attrs import frozen

from recframe.datasets.tabular_files import FORMATS
from recframe.errors import SpecError
from recframe.specs import DatasetOptions, option


@frozen
class ColumnOptions:
    """Which column is what."""

    user: str = option("user", help="Column of the user's id.")
    item: str = option("item", help="Column of the item's id.")
    timestamp: str | None = option("timestamp", help="Column of the time; none: the order of the rows.")
    event: str | None = option(None, help="Column of the kind of event, such as view or purchase.")
    rating: str | None = option(None, help="Column of a rating.")
    item_id: str | None = option(None, help="Id column of the item table; none: as in the interactions, or `id`.")
    user_id: str | None = option(None, help="Id column of the user table; none: as in the interactions, or `id`.")
    title: str | None = option(None, help="Column of the item table that people are shown; none: `title`.")


@frozen(slots=False)  # two bases with slots cannot have one child
class FileOptions:
    """Files of interactions, and of items and users where there are such."""

    path: str = option(help="Interactions: a file, a glob, or a folder of shards; csv, tsv, jsonl, parquet or arrow.")
    validation: str | None = option(None, help="Interactions to validate with, where the data is split already.")
    test: str | None = option(None, help="Interactions to test with, where the data is split already.")
    items: str | None = option(None, help="Table of the items; its columns are feature sources.")
    users: str | None = option(None, help="Table of the users; its columns are sources of user groups.")
    format: str = option("auto", choices=FORMATS, help="Format of the files; `auto` goes by their names.")
    separator: str | None = option(None, help="What stands between the values of csv; none: a comma, in tsv a tab.")

    def __attrs_post_init__(self) -> None:
        if (self.validation is None) != (self.test is None):
            raise SpecError("data that is split already needs both dataset.validation and dataset.test")
        if self.separator is not None and (len(self.separator.encode()) != 1 or self.separator in '"\r\n\0'):
            raise SpecError(f"separator: {self.separator!r} is not allowed: must be one character, not a quote")


@frozen
class RowOptions:
    """How rows are read, and which of them count: the same for files and for tables in Python."""

    columns: ColumnOptions = option(ColumnOptions(), help="Which column is what: `dataset.columns.user=customer`.")  # noqa: RUF009
    extra: tuple[str, ...] | None = option(None, help="Further columns kept as feature sources; none: all.")
    numbers: tuple[str, ...] = option(
        (), help="Further columns, of any table, that hold numbers: a row with something else there cannot be used."
    )
    time_unit: str = option("s", choices=("s", "ms", "us", "ns"), help="Unit of timestamps that are numbers.")
    lists: tuple[str, ...] = option((), help="Text columns of the item table that hold several values.")
    list_separator: str = option("|", help="What stands between the values of `lists`.")
    on_error: str = option(
        "raise", choices=("raise", "skip"), help="What becomes of a row that cannot be used; skipped rows are counted."
    )
    missing_items: str = option(
        "note", choices=("note", "raise"), help="What becomes of items that the item table does not have."
    )
    min_rating: float | None = option(None, help="Rows with a lower rating are left out.")
    event_types: tuple[str | int | float | bool, ...] = option(
        (), help="Kinds of event that count, texts, numbers or truth values; none named: all."
    )
    keep: str = option("all", choices=("all", "first", "last"), help="Of a user's events of one item, those kept.")
    max_history: int | None = option(None, ge=1, help="Users with more events, such as robots, are left out.")
    min_history: int = option(1, ge=1, help="Users with fewer events are left out.")
    k_core: int = option(1, ge=1, help="Users and items with fewer events are left out, until none is left.")

    def __attrs_post_init__(self) -> None:
        needs = {"min_rating": (self.min_rating is not None, "rating"), "event_types": (self.event_types, "event")}
        for name, (given, role) in needs.items():
            if given and getattr(self.columns, role) is None:
                raise SpecError(f"{name} needs a column: set dataset.columns.{role}")
        columns = {role: getattr(self.columns, role) for role in ("user", "item", "timestamp")}
        for role, column in columns.items():
            first = next(other for other, named in columns.items() if named == column)
            if column is not None and first != role:
                raise SpecError(
                    f"columns: {first} and {role} are both the column {column!r}; name another in "
                    f"dataset.columns.{role} or dataset.columns.{first}"
                )
        if not self.list_separator:
            raise SpecError("list_separator must be at least one character")


@frozen
class TabularOptions(RowOptions, FileOptions, DatasetOptions):
    """Where the files are, what their columns are, and which rows count."""

    def __attrs_post_init__(self) -> None:
        FileOptions.__attrs_post_init__(self)
        RowOptions.__attrs_post_init__(self)
