"""Anyone's interactions: from csv, tsv, JSON lines, Parquet or Arrow files, or from a table in Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from recframe.builtin.datasets.tabular.options import RowOptions, TabularOptions
from recframe.builtin.datasets.tabular.paths import find_shards
from recframe.plugin.hooks import hookimpl
from recframe.plugin.types import DatasetContext, DatasetType

if TYPE_CHECKING:
    from recframe.interactions.interactions import Interactions


#: The options that name files.
_PATHS = ("path", "validation", "test", "items", "users")


def check(options: TabularOptions) -> None:
    """Raises DataError where a path leads to no file of a known format."""
    for name in _PATHS:
        if (path := getattr(options, name)) is not None:
            find_shards(path, options.format, f"dataset.{name}")


def load(options: TabularOptions, context: DatasetContext) -> Interactions:
    """The interactions of files.

    Raises:
        DataError: With file, row, column and value for what cannot be used; with the nearest name for what is missing.
    """
    from recframe.builtin.datasets.tabular.build import build
    from recframe.builtin.datasets.tabular.formats.sources import Source, open_shards
    from recframe.builtin.datasets.tabular.ledger import Ledger
    from recframe.interactions.interactions import TEST, TRAIN, VALIDATION

    ledger = Ledger(skip=options.on_error == "skip")

    def shards(path: str | None, option: str) -> list[Source]:
        return [] if path is None else open_shards(path, options.reading(option), f"dataset.{option}", ledger)

    parts = ((TRAIN, "path"), (VALIDATION, "validation"), (TEST, "test"))
    events = [(part, source) for part, name in parts for source in shards(getattr(options, name), name)]
    return build(options, events, shards(options.items, "items"), shards(options.users, "users"), ledger, context.seed)


def from_table(
    table: Any,
    *,
    items: Any = None,
    users: Any = None,
    validation: Any = None,
    test: Any = None,
    columns: Mapping[str, str | None] | None = None,
    seed: int = 1,
    **options: Any,
) -> Interactions:
    """The interactions of tables in Python: Polars, pandas or Arrow.

    Args:
        table: A row an event.
        items, users: Tables of attributes.
        validation, test: More events, where the data is split already.
        columns: Which column is what: `{"user": "customer", "item": "sku", "timestamp": "bought_at"}`.
        seed: Draws the order of a user's events of one time, where the table does not tell it.
        options: The other options of `dataset=tabular`, such as `k_core=5`.

    Raises:
        TypeError: For what is no table.
        SpecError: For what is no option, with the nearest, and for values that an option does not take.
        DataError: As reading files does.

    >>> import polars as pl
    >>> data = from_table(pl.DataFrame({"user": ["a", "a"], "sku": [7, 9]}), columns={"item": "sku"})
    >>> data.num_users, data.items["id"].tolist()
    (1, [7, 9])
    """
    from recframe.builtin.datasets.tabular.build import build
    from recframe.builtin.datasets.tabular.formats.sources import Source, open_table
    from recframe.builtin.datasets.tabular.ledger import Ledger
    from recframe.errors import SpecError
    from recframe.interactions.interactions import TEST, TRAIN, VALIDATION

    rows = _row_options({"columns": {} if columns is None else columns, **options})
    if (validation is None) != (test is None):
        raise SpecError("data that is split already needs both validation and test")

    def opened(some: Any, name: str) -> list[Source]:
        return [] if some is None else [open_table(some, name)]

    events = [(TRAIN, source) for source in opened(table, "the table")]
    events += [(VALIDATION, source) for source in opened(validation, "the validation table")]
    events += [(TEST, source) for source in opened(test, "the test table")]
    ledger = Ledger(skip=rows.on_error == "skip")
    return build(rows, events, opened(items, "the item table"), opened(users, "the user table"), ledger, seed)


def _row_options(given: Mapping[str, Any]) -> RowOptions:
    """The options from Python's own values, arrays and Series of them among these. Raises SpecError."""
    from recframe.errors import SpecError
    from recframe.spec.structure import options_from

    if "vocabulary_from" in given:
        raise SpecError(
            "vocabulary_from: ids are given when tables are prepared, not when they are read; say it in the spec: "
            "recframe.compose(['dataset.vocabulary_from=FOLDER'])"
        )
    plain = {}
    for name, value in given.items():
        listed = getattr(value, "tolist", None) or getattr(value, "to_list", None)
        plain[name] = listed() if callable(listed) else value
    return options_from(plain, RowOptions)


@hookimpl
def recframe_datasets() -> Iterator[DatasetType]:
    yield DatasetType(
        "tabular",
        summary="Your own interactions: csv, tsv, JSON lines, Parquet or Arrow files, with item and user tables.",
        options=TabularOptions,
        load=load,
        check=check,
    )
