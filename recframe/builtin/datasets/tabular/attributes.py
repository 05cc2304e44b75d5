"""The item and the user table: a row an id, columns that features read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from recframe.builtin.datasets.tabular.clean import clean_ids, clean_numbers
from recframe.builtin.datasets.tabular.column_types import (
    as_text,
    mostly_numbers,
    not_numbers,
    plain,
    texts_in_order,
    told_text,
)
from recframe.builtin.datasets.tabular.extras import UNKNOWN_OR_0, with_gaps
from recframe.builtin.datasets.tabular.fixed_width import LONGEST, bounded, longest_of, told_cut
from recframe.builtin.datasets.tabular.formats.sources import Source
from recframe.builtin.datasets.tabular.ledger import Ledger
from recframe.errors import DataError
from recframe.runtime.encoding import number_of, numbers_of, text_of

if TYPE_CHECKING:
    import polars as pl

_ID, _WHERE, _BATCH = "\0id", "\0where", "\0batch"
_SHOWN = 5


class AttributeTable:
    """A table of attributes, read whole.

    Args:
        what: `item` or `user`, for messages.
        column: The column of the ids; None: `other`, or else `id`.
        other: The column of the ids in the interactions.
    """

    def __init__(
        self, sources: Sequence[Source], what: str, column: str | None, other: str, options: Any, ledger: Ledger
    ) -> None:
        self._what, self._ledger, self._source = what, ledger, sources[0]
        self._separator, self._numbers_named = options.list_separator, options.numbers
        option = f"dataset.columns.{what}_id"
        if column is None:
            column = next((name for name in (other, "id") if name in self._source.columns), other)
        self._id = self._source.require(column, option)
        for source in sources:
            if set(source.columns) != set(self._source.columns):
                raise DataError(f"shards with different columns: {source.name} and {self._source.name}")
        self._lists = [self._source.require(n, "dataset.lists") for n in (options.lists if what == "item" else ())]
        self._batches: list[tuple[str, str]] = []  # the file of each, and how its rows are counted
        self._frame = self._read(sources)

    def _read(self, sources: Sequence[Source]) -> pl.DataFrame:
        import polars as pl

        names, frames = list(self._source.columns), []
        for source in sources:
            for batch in source.batches(names, {self._id: False}, self._ledger):
                for name, (where_, value) in batch.odd.items():
                    if name in self._numbers_named:
                        continue
                    what = f"column {name!r} of {self._source.name}"
                    self._ledger.remark(*told_text(what, where_, value, decimals=True))
                cleaned = clean_numbers(
                    clean_ids(batch, self._id, _ID, self._ledger), self._numbers_named, self._ledger
                )
                text = cleaned.frame[_ID].cast(pl.String())
                where = pl.Series(_WHERE, cleaned.numbers), pl.lit(len(self._batches)).alias(_BATCH)
                frames.append(cleaned.frame[names].with_columns(text.alias(_ID), *where))
                self._batches.append((batch.file, batch.unit))
        if not frames:
            raise DataError(f"the {self._what} table {self._source.name} has no rows")
        try:
            frame = pl.concat(frames, how="vertical_relaxed")
        except pl.exceptions.PolarsError as error:
            first = str(error).partition("\n")[0]
            raise DataError(f"the {self._what} table has columns of different types in its parts: {first}") from None
        if frame.is_empty():
            left = "; ".join(self._ledger.notes())
            raise DataError(f"the {self._what} table {self._source.name} has no row that can be used: {left}")
        again = frame[_ID].is_duplicated() & ~frame[_ID].is_first_distinct()
        if again.any():
            at = again.arg_max() or 0
            self._ledger.bad(
                f"{self._place(frame, at)}, column {self._id}", "was given before", frame[_ID][at], int(again.sum())
            )
        return frame.filter(~again)

    def _place(self, frame: pl.DataFrame, at: int) -> str:
        file, unit = self._batches[frame[_BATCH][at]]
        return f"{file}, {unit} {frame[_WHERE][at]}"

    def rows_of(self, ids: np.ndarray, refuse: bool) -> np.ndarray:
        """int64 [ids]: the row of each id, -1 where it has none, which is noted or refused."""
        import polars as pl

        texts = pl.Series(_ID, ids).cast(pl.String()).to_frame()
        rows = texts.join(self._frame.select(_ID).with_row_index("row"), on=_ID, how="left", maintain_order="left")
        found: np.ndarray = rows["row"].cast(pl.Int64()).fill_null(-1).to_numpy()
        absent = np.flatnonzero(found < 0)
        if len(absent):
            shown = ", ".join(str(ids[i]) for i in absent[:_SHOWN]) + (", ..." if len(absent) > _SHOWN else "")
            lost = f"{len(absent):,} of {len(ids):,} {self._what}s have no row in {self._source.name}"
            if refuse or len(absent) == len(ids):
                raise DataError(
                    f"{lost}: {shown}; its ids are such as {self._frame[_ID][0]!r} (column {self._id}); "
                    + (
                        self._written_otherwise(ids)
                        or f"add the rows, or name another column in dataset.columns.{self._what}_id"
                    )
                )
            self._ledger.remarks.append(f"{lost} and empty attributes: {shown}")
        unused = len(self._frame) - (len(ids) - len(absent))
        if unused:
            self._ledger.remarks.append(
                f"{unused:,} {self._what}s of {self._source.name} have no interactions and are left out"
            )
        return found

    def _written_otherwise(self, ids: np.ndarray) -> str:
        """That an id of the interactions stands in the table in another writing; empty where none does."""
        written = {_sameness(text): text for text in self._frame[_ID]}
        for text in map(text_of, ids.tolist()):
            if (other := written.get(_sameness(text), text)) != text:
                return (
                    f"only the writing differs, as of {text!r} and {other!r}: write both alike, as text or as whole "
                    "numbers"
                )
        return ""

    def columns(self, rows: np.ndarray) -> Mapping[str, np.ndarray]:
        """The attributes at some rows, -1 standing for none: an empty text or list, or, of numbers without one, 0."""
        columns = {}
        for name in self._source.columns:
            if name == self._id:
                continue
            values = self._values(self._frame[name], complete=bool((rows >= 0).all()))
            if values is None:
                self._ledger.remarks.append(
                    f"column {name!r} of {self._source.name} holds {self._frame[name].dtype} and is no feature source"
                )
                continue
            columns[name] = _with_empty(values)[rows]
        return columns

    def _values(self, series: pl.Series, complete: bool) -> np.ndarray | None:
        """A column's values; None for a type that no feature reads.

        Args:
            complete: Whether all ids have a row.
        """
        import polars as pl

        if isinstance(series.dtype, pl.List | pl.Array):
            return self._cut_lists(series)
        values = plain(series)
        if values is None:
            return None
        if values.dtype != pl.String():
            return self._numbers(values, complete)
        if series.name in self._lists:
            split = values.fill_null("").str.split(self._separator)
            return self._cut_lists(split.list.eval(pl.element().filter(pl.element() != "")))
        return self._texts(values, complete)

    def _numbers(self, values: pl.Series, complete: bool) -> np.ndarray:
        """Numbers or truth values; their texts where some are missing, unless they are said to be numbers."""
        import polars as pl

        declared = values.name in self._numbers_named
        gaps = values.null_count()
        if gaps:
            self._tell_missing(values.name, gaps, "0 stands there" if declared else UNKNOWN_OR_0)
        if not declared and (gaps or not complete):
            return with_gaps(values)
        if values.dtype == pl.Float32():
            values = as_text(values).cast(pl.Float64())  # by its own digits, as JSON has it on the phone
        return values.fill_null(False if values.dtype == pl.Boolean() else 0).to_numpy()

    def _texts(self, values: pl.Series, complete: bool) -> np.ndarray:
        import polars as pl

        longest = longest_of(len(values))
        texts, cut = bounded(values.fill_null(""), longest)
        if cut:
            self._tell_cut(values.name, cut, longest)
        what = f"column {values.name!r} of {self._source.name}"
        once = texts.unique()
        distinct, kept, note = texts_in_order(once, self._source.typed, decimals=True, what=what)
        if note:
            self._ledger.remark(*note)
        if not self._source.typed and mostly_numbers(distinct, decimals=True):
            at = not_numbers(texts, decimals=True).arg_max() or 0
            self._ledger.remark(*told_text(what, self._place(self._frame, at), texts[at], decimals=True))
        if kept.dtype.kind != "U":
            numbers = kept[texts.cast(pl.Enum(distinct)).to_physical().to_numpy()]
            return numbers if complete or note else np.array(texts.to_list(), dtype=str)
        if values.null_count() and len(distinct) > 1 and np.isfinite(numbers_of(kept)).all():
            self._tell_missing(values.name, values.null_count(), UNKNOWN_OR_0)
        return np.array(texts.to_list(), dtype=str)

    def _tell_missing(self, column: str, count: int, stands: str) -> None:
        self._ledger.remarks.append(
            f"column {column!r} of {self._source.name} has no value in {count:,} of {len(self._frame):,} rows: {stands}"
        )

    def _cut_lists(self, series: pl.Series) -> np.ndarray:
        """object [rows] of lists, without nulls and with no long text."""
        found = _lists(series)
        cut = 0
        for texts in found:
            for at, text in enumerate(texts):
                if isinstance(text, str) and (len(text) > LONGEST or "\0" in text):
                    texts[at] = text.replace("\0", "")[:LONGEST]
                    cut += len(text) > LONGEST
        if cut:
            self._tell_cut(series.name, cut, LONGEST)
        return found

    def _tell_cut(self, column: str, count: int, longest: int) -> None:
        self._ledger.remarks.append(told_cut(column, f" of {self._source.name}", count, longest))


def _sameness(text: str) -> str:
    """What is equal for ids that differ in their writing alone: blanks, letter case, zeros in front, a point."""
    text = text.strip().casefold()
    number = number_of(text)
    return text_of(number) if text and isfinite(number) else text


def _lists(series: pl.Series) -> np.ndarray:
    """object [rows] of lists, without nulls: of whole numbers, or of texts."""
    lists = [[item for item in value or () if item is not None] for value in series.to_list()]
    if not all(type(item) is int for items in lists for item in items):
        lists = [[text_of(item) for item in items] for items in lists]
    column = np.empty(len(series), object)
    column[:] = lists
    return column


def _with_empty(values: np.ndarray) -> np.ndarray:
    """The values and one more, at place -1, that stands for none."""
    if values.dtype == object:
        longer = np.empty(len(values) + 1, object)
        longer[:-1], longer[-1] = values, []
        return longer
    return np.append(values, np.zeros(1, values.dtype))
