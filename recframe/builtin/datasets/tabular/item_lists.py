"""Turns a row with a list of items into one event for each item."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import numpy as np
from attrs import evolve

from recframe import DataError, parse_json
from recframe.builtin.datasets.tabular.batch import RowBatch
from recframe.builtin.datasets.tabular.clean import ITEM, clean_ids
from recframe.builtin.datasets.tabular.ledger import Ledger, short

if TYPE_CHECKING:
    import polars as pl

_WRITTEN = r"^\s*\[.*\]\s*$"  # a list as JSON or Python writes it
PLACE = "\0place"  # the index of an event's row in its batch


def one_event_per_item(batch: RowBatch, column: str, separator: str, ledger: Ledger) -> RowBatch:
    """Make a row for each item of a row's list, in the list's order, with the additional columns `ITEM` and `PLACE`.

    Args:
        separator: The separator of the items if a list is text. Blanks around an item are removed.

    Raises:
        DataError: An item is not a valid id, and invalid rows are not skipped.
    """
    import polars as pl

    lists = _lists(batch, column, separator, ledger)
    batch = evolve(batch, frame=batch.frame.with_columns(lists.alias(column)))
    batch = ledger.filter(batch, lists.list.len() > 0, f"the list of items in column {column} is empty")
    problems = Ledger(skip=True)
    usable = clean_ids(_exploded(batch, column), column, ITEM, problems)
    if problems.skipped:
        left = np.bincount(usable.frame[PLACE].to_numpy(), minlength=len(batch.frame))
        broken = pl.Series(left < batch.frame[column].list.len().to_numpy())
        batch = ledger.reject(
            batch, broken, column, f"is not a list of ids: a value in it {next(iter(problems.skipped))}"
        )
        usable = clean_ids(_exploded(batch, column), column, ITEM, ledger)
    return usable


def _exploded(batch: RowBatch, column: str) -> RowBatch:
    import polars as pl

    frame = batch.frame.with_columns(pl.int_range(pl.len(), dtype=pl.Int64()).alias(PLACE)).explode(column)
    return evolve(batch, frame=frame, numbers=batch.numbers[frame[PLACE].to_numpy()])


def _lists(batch: RowBatch, column: str, separator: str, ledger: Ledger) -> pl.Series:
    """The lists, without nulls."""
    import polars as pl

    values = batch.frame[column]
    kind = values.dtype
    if isinstance(kind, pl.Array):
        values = values.arr.to_list()
    elif kind.is_integer():
        item = pl.first()
        values = values.to_frame().select(pl.when(item.is_not_null()).then(pl.concat_list(item))).to_series()
    elif isinstance(kind, pl.String | pl.Categorical | pl.Enum | pl.Null):
        values = _of_text(values.cast(pl.String()), column, separator, ledger)
    elif not isinstance(kind, pl.List):
        raise DataError(
            f"{batch.file}, column {column}: item_list names it, but it holds {kind}; make it lists or text"
        )
    return values.fill_null([])


def _of_text(texts: pl.Series, column: str, separator: str, ledger: Ledger) -> pl.Series:
    """Convert texts to lists: texts with separators, or lists as JSON or Python writes them."""
    import polars as pl

    split = texts.str.split(separator).list.eval(pl.element().str.strip_chars())
    split = split.list.eval(pl.element().filter(pl.element() != ""))
    written = texts.str.contains(_WRITTEN).fill_null(False)
    if not written.any():
        return split
    first = short(texts[written.arg_max() or 0])
    ledger.remark(f"column {column!r} is read as lists in the notation of JSON or Python", f", such as {first}")
    values = [_written_list(text) if is_list else None for text, is_list in zip(texts, written, strict=True)]
    lists = pl.Series(values, dtype=pl.List(pl.String()))
    return pl.select(pl.when(written).then(lists).otherwise(split)).to_series()


def _written_list(text: str) -> list[str | None]:
    """The values of a list in the notation of JSON or Python; if it is invalid, one null, which is not an id."""
    for read in (parse_json, ast.literal_eval):
        try:
            values = read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        return [str(value) if isinstance(value, str | int) else None for value in values]
    return [None]
