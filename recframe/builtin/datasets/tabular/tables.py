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
    """Make interactions from tables in Python: Polars, pandas or Arrow.

    Args:
        table: The events, one per row.
        items, users: Tables of attributes.
        validation, test: More events, if the data is already split.
        columns: The roles of the columns: `{"user": "customer", "item": "sku", "timestamp": "bought_at"}`.
        seed: Draws the order of a user's events with equal times, if the table does not show it.
        options: The other options of `dataset=tabular`, such as `k_core=5`.

    Raises:
        TypeError: A value is not a table.
        SpecError: An option does not exist, and the message has the nearest name; or its value is wrong.
        DataError: The data is invalid, as for files.

    >>> import polars as pl
    >>> data = from_table(pl.DataFrame({"user": ["a", "a"], "sku": [7, 9]}), columns={"item": "sku"})
    >>> data.num_users, data.items["id"].tolist()
    (1, [7, 9])
    """
    rows = _row_options({"columns": {} if columns is None else columns, **options})
    if (validation is None) != (test is None):
        raise SpecError("data that is already split needs both validation and test")

    def opened(table: Any, name: str) -> list[Source]:
        return [] if table is None else [open_table(table, name)]

    events = [(TRAIN, source) for source in opened(table, "the table")]
    events += [(VALIDATION, source) for source in opened(validation, "the validation table")]
    events += [(TEST, source) for source in opened(test, "the test table")]
    ledger = Ledger(skip=rows.on_error == "skip")
    return build(rows, events, opened(items, "the item table"), opened(users, "the user table"), ledger, seed)


def one_table(table: Any, options: Mapping[str, Any], context: DatasetContext) -> Interactions:
    """Make interactions from one table, with options by name. Raises the errors of `from_table`."""
    rows = _row_options(options)
    ledger = Ledger(skip=rows.on_error == "skip", option=context.option)
    return build(rows, [(TRAIN, open_table(table, "the table"))], [], [], ledger, context.seed)


def _row_options(values: Mapping[str, Any]) -> RowOptions:
    """The options from Python values, which may be arrays or Series. Raises SpecError."""
    if "vocabulary_from" in values:
        raise SpecError(
            "vocabulary_from: this is not an option of reading a table; set it in the spec: "
            "recframe.compose(['dataset.vocabulary_from=FOLDER'])"
        )
    plain = {}
    for name, value in values.items():
        as_list = getattr(value, "tolist", None) or getattr(value, "to_list", None)
        plain[name] = as_list() if callable(as_list) else value
    return options_from(plain, RowOptions)
