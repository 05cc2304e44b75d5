"""The dataset `tabular`: the user's own interactions, from csv, tsv, JSON lines, Parquet or Arrow files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from recframe import DatasetContext, DatasetType, hookimpl
from recframe.builtin.datasets.tabular.options import TabularOptions

if TYPE_CHECKING:
    from recframe import Interactions


#: The options that name files.
_PATHS = ("path", "validation", "test", "items", "users")


def check(options: TabularOptions) -> None:
    """Raise DataError if a path has no file of a known format."""
    from recframe.builtin.datasets.tabular.formats.paths import find_shards

    for name in _PATHS:
        if (path := getattr(options, name)) is not None:
            find_shards(path, options.format, f"dataset.{name}")


def load(options: TabularOptions, context: DatasetContext) -> Interactions:
    """Read interactions from files.

    Raises:
        DataError: The data is invalid; the message has the file, row, column and value. Or a column is missing; the
            message has the nearest name.
    """
    from recframe import TEST, TRAIN, VALIDATION
    from recframe.builtin.datasets.tabular.build import build
    from recframe.builtin.datasets.tabular.formats.shards import open_shards
    from recframe.builtin.datasets.tabular.formats.source import Source
    from recframe.builtin.datasets.tabular.ledger import Ledger

    ledger = Ledger(skip=options.on_error == "skip", option=context.option)

    def shards(path: str | None, option: str) -> list[Source]:
        return [] if path is None else open_shards(path, options.reading(option), f"dataset.{option}", ledger)

    parts = ((TRAIN, "path"), (VALIDATION, "validation"), (TEST, "test"))
    events = [(part, source) for part, name in parts for source in shards(getattr(options, name), name)]
    return build(options, events, shards(options.items, "items"), shards(options.users, "users"), ledger, context.seed)


def of_table(table: Any, options: Mapping[str, Any], context: DatasetContext) -> Interactions:
    """The interactions of a table in Python. Raises the errors of `from_table`."""
    from recframe.builtin.datasets.tabular.tables import one_table

    return one_table(table, options, context)


@hookimpl
def recframe_datasets() -> Iterator[DatasetType]:
    yield DatasetType(
        "tabular",
        summary="Your own interactions: csv, tsv, JSON lines, Parquet or Arrow files, with item and user tables.",
        options=TabularOptions,
        load=load,
        check=check,
        from_table=of_table,
    )
