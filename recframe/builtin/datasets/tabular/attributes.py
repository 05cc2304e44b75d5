"""Joins the item table and the user table with the ids of the events."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from recframe import texts_of
from recframe.builtin.datasets.tabular.attribute_columns import AttributeColumns
from recframe.builtin.datasets.tabular.attribute_table import AttributeTable
from recframe.builtin.datasets.tabular.ledger import Ledger
from recframe.builtin.datasets.tabular.notes import equal_title_notes
from recframe.builtin.datasets.tabular.options import RowOptions
from recframe.builtin.datasets.tabular.plan import AttributePlan

_RESERVED = ("id", "item", "title")


def item_table(
    plan: AttributePlan | None, ids: np.ndarray, of_events: Collection[str], options: RowOptions, ledger: Ledger
) -> dict[str, np.ndarray]:
    """The item table: `id`, `title` if there is one, and the attributes.

    Args:
        ids: The ids of the items, in the order of the result.
        of_events: The names of the event columns.

    Raises:
        DataError: A row is invalid, or no item has a row.
    """
    columns: dict[str, np.ndarray] = {"id": ids}
    if plan is None:
        return columns
    own = Ledger(skip=ledger.skip, option=ledger.option)
    refuse = options.missing_items == "raise"
    for name, values in _attributes(plan, ids, refuse, options, own).items():
        key = name
        if name == plan.title:
            key = "title"
            columns[key] = values if values.dtype == object else texts_of(values)
        if key in of_events or (name != plan.title and name in _RESERVED):
            key = f"item_{name}"
            while key in of_events:
                key = f"item_{key}"
            own.remarks.append(f"column {name!r} of the item table is renamed to {key!r}, since its name is in use")
        if key != "title":
            columns[key] = values
    own.remarks.extend(equal_title_notes(ids, columns.get("title")))
    ledger.remarks.extend(own.notes())
    return columns


def user_table(
    plan: AttributePlan | None, ids: np.ndarray, options: RowOptions, ledger: Ledger
) -> dict[str, np.ndarray]:
    """The attributes of the users. A note tells which users have none.

    Raises:
        DataError: As `item_table`.
    """
    if plan is None:
        return {}
    own = Ledger(skip=ledger.skip, option=ledger.option)
    columns = _attributes(plan, ids, False, options, own)
    ledger.remarks.extend(own.notes())
    return columns


def _attributes(
    plan: AttributePlan, ids: np.ndarray, refuse: bool, options: RowOptions, ledger: Ledger
) -> dict[str, np.ndarray]:
    table = AttributeTable(plan, options.numbers, ledger)
    columns = AttributeColumns(table, plan.lists, options.list_separator, options.numbers, ledger)
    return dict(columns.at(table.rows_of(ids, refuse)))
