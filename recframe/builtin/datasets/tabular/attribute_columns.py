"""The attributes of items and users, converted for features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from recframe import numbers_of, text_of
from recframe.builtin.datasets.tabular.attribute_table import AttributeTable
from recframe.builtin.datasets.tabular.column_types import (
    as_text,
    mostly_numbers,
    not_numbers,
    text_note,
    texts_in_order,
    to_plain_type,
)
from recframe.builtin.datasets.tabular.extras import UNKNOWN_OR_0, texts_with_gaps
from recframe.builtin.datasets.tabular.fixed_width import LONGEST, length_limit, truncate, truncation_note
from recframe.builtin.datasets.tabular.ledger import Ledger

if TYPE_CHECKING:
    import polars as pl


class AttributeColumns:
    """The columns of a table of attributes, except its ids.

    Args:
        lists: The text columns that hold several values.
        separator: The separator of these values.
        numbers: The columns that the user declares as numbers, so that a missing value is 0.
    """

    def __init__(
        self, table: AttributeTable, lists: Sequence[str], separator: str, numbers: Sequence[str], ledger: Ledger
    ) -> None:
        self._table, self._source, self._frame, self._ledger = table, table.source, table.frame, ledger
        self._lists, self._separator, self._number_columns = lists, separator, numbers

    def at(self, rows: np.ndarray) -> Mapping[str, np.ndarray]:
        """The attributes of rows. Row -1 means that there is no row: its value is an empty text, an empty list or 0."""
        columns = {}
        for name in self._source.columns:
            if name == self._table.id:
                continue
            values = self._values(self._frame[name], complete=bool((rows >= 0).all()))
            if values is None:
                self._ledger.remarks.append(
                    f"column {name!r} of {self._source.name} holds {self._frame[name].dtype}, so no feature can read it"
                )
                continue
            columns[name] = _with_empty(values)[rows]
        return columns

    def _values(self, series: pl.Series, complete: bool) -> np.ndarray | None:
        """A column's values; None for a type that no feature can read.

        Args:
            complete: Whether all ids have a row.
        """
        import polars as pl

        if isinstance(series.dtype, pl.List | pl.Array):
            return self._cut_lists(series)
        values = to_plain_type(series)
        if values is None:
            return None
        if values.dtype != pl.String():
            return self._numbers(values, complete)
        if series.name in self._lists:
            split = values.fill_null("").str.split(self._separator)
            return self._cut_lists(split.list.eval(pl.element().filter(pl.element() != "")))
        return self._texts(values, complete)

    def _numbers(self, values: pl.Series, complete: bool) -> np.ndarray:
        """Numbers or truth values. If some are missing, their texts, unless the user declares numbers."""
        import polars as pl

        as_numbers = values.name in self._number_columns
        gaps = values.null_count()
        if gaps:
            self._tell_missing(values.name, gaps, "they are 0" if as_numbers else UNKNOWN_OR_0)
        if not as_numbers and (gaps or not complete):
            return texts_with_gaps(values)
        if values.dtype == pl.Float32():
            values = as_text(values).cast(pl.Float64())  # by its decimal digits, as an app's JSON has them
        return values.fill_null(False if values.dtype == pl.Boolean() else 0).to_numpy()

    def _texts(self, values: pl.Series, complete: bool) -> np.ndarray:
        import polars as pl

        longest = length_limit(len(values))
        texts, cut = truncate(values.fill_null(""), longest)
        if cut:
            self._tell_cut(values.name, cut, longest)
        what = f"column {values.name!r} of {self._source.name}"
        once = texts.unique()
        distinct, kept, note = texts_in_order(once, self._source.typed, decimals=True, what=what)
        if note:
            self._ledger.remark(*note)
        if not self._source.typed and mostly_numbers(distinct, decimals=True):
            at = not_numbers(texts, decimals=True).arg_max() or 0
            self._ledger.remark(*text_note(what, self._table.place(at), texts[at], decimals=True))
        if kept.dtype.kind != "U":
            numbers = kept[texts.cast(pl.Enum(distinct)).to_physical().to_numpy()]
            return numbers if complete or note else np.array(texts.to_list(), dtype=str)
        if values.null_count() and len(distinct) > 1 and np.isfinite(numbers_of(kept)).all():
            self._tell_missing(values.name, values.null_count(), UNKNOWN_OR_0)
        return np.array(texts.to_list(), dtype=str)

    def _tell_missing(self, column: str, count: int, meaning: str) -> None:
        missing = f"has no value in {count:,} of {len(self._frame):,} rows"
        self._ledger.remarks.append(f"column {column!r} of {self._source.name} {missing}: {meaning}")

    def _cut_lists(self, series: pl.Series) -> np.ndarray:
        """object [rows] of lists, without nulls; long texts are truncated."""
        lists = _lists(series)
        cut = 0
        for texts in lists:
            for at, text in enumerate(texts):
                if isinstance(text, str) and (len(text) > LONGEST or "\0" in text):
                    texts[at] = text.replace("\0", "")[:LONGEST]
                    cut += len(text) > LONGEST
        if cut:
            self._tell_cut(series.name, cut, LONGEST)
        return lists

    def _tell_cut(self, column: str, count: int, longest: int) -> None:
        self._ledger.remarks.append(truncation_note(column, f" of {self._source.name}", count, longest))


def _lists(series: pl.Series) -> np.ndarray:
    """object [rows] of lists of whole numbers or of texts, without nulls."""
    lists = [[item for item in value or () if item is not None] for value in series.to_list()]
    if not all(type(item) is int for items in lists for item in items):
        lists = [[text_of(item) for item in items] for items in lists]
    column = np.empty(len(series), object)
    column[:] = lists
    return column


def _with_empty(values: np.ndarray) -> np.ndarray:
    """The values and one more at the end, which stands for a missing row."""
    if values.dtype == object:
        longer = np.empty(len(values) + 1, object)
        longer[:-1], longer[-1] = values, []
        return longer
    return np.append(values, np.zeros(1, values.dtype))
