"""Interactions from tables in Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recframe import TEST, TRAIN, VALIDATION, DatasetContext, Interactions, SpecError, options_from
from recframe.builtin.datasets.tabular.build import build
from recframe.builtin.datasets.tabular.formats.frame import open_table
from recframe.builtin.datasets.tabular.formats.source import Source
from recframe.builtin.datasets.tabular.ledger import Ledger
from recframe.builtin.datasets.tabular.options import RowOptions


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
    rows = _row_options({"columns": {} if columns is None else columns, **options})
    if (validation is None) != (test is None):
        raise SpecError("data that is split already needs both validation and test")

    def opened(table: Any, name: str) -> list[Source]:
        return [] if table is None else [open_table(table, name)]

    events = [(TRAIN, source) for source in opened(table, "the table")]
    events += [(VALIDATION, source) for source in opened(validation, "the validation table")]
    events += [(TEST, source) for source in opened(test, "the test table")]
    ledger = Ledger(skip=rows.on_error == "skip")
    return build(rows, events, opened(items, "the item table"), opened(users, "the user table"), ledger, seed)


def one_table(table: Any, options: Mapping[str, Any], context: DatasetContext) -> Interactions:
    """The interactions of one table, with the options by their names. Raises as `from_table`."""
    rows = _row_options(options)
    ledger = Ledger(skip=rows.on_error == "skip", option=context.option)
    return build(rows, [(TRAIN, open_table(table, "the table"))], [], [], ledger, context.seed)


def _row_options(values: Mapping[str, Any]) -> RowOptions:
    """The options from Python's own values, arrays and Series of them among these. Raises SpecError."""
    if "vocabulary_from" in values:
        raise SpecError(
            "vocabulary_from: ids are given when tables are prepared, not when they are read; say it in the spec: "
            "recframe.compose(['dataset.vocabulary_from=FOLDER'])"
        )
    plain = {}
    for name, value in values.items():
        as_list = getattr(value, "tolist", None) or getattr(value, "to_list", None)
        plain[name] = as_list() if callable(as_list) else value
    return options_from(plain, RowOptions)
