"""The item and the user table: a row an id, columns that features read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from recframe.datasets.tabular_clean import clean_ids, clean_numbers
from recframe.datasets.tabular_coder import mostly_numbers, not_numbers, texts_in_order, told_text
from recframe.datasets.tabular_extras import as_numbers
from recframe.datasets.tabular_rows import Ledger
from recframe.datasets.tabular_sources import Source
from recframe.datasets.tabular_texts import LONGEST, bounded, longest_of, told_cut
from recframe.errors import DataError

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
        self._separator, self._numbers = options.list_separator, options.numbers
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
                    if name in self._numbers:
                        continue
                    what = f"column {name!r} of {self._source.name}"
                    self._ledger.remark(*told_text(what, where_, value, decimals=True))
                cleaned = clean_numbers(clean_ids(batch, self._id, _ID, self._ledger), self._numbers, self._ledger)
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
                    f"{lost}: {shown}; its ids are such as {self._frame[_ID][0]!r} (column {self._id}); add the rows, "
                    f"or set dataset.columns.{self._what}_id"
                )
            self._ledger.remarks.append(f"{lost} and empty attributes: {shown}")
        unused = len(self._frame) - (len(ids) - len(absent))
        if unused:
            self._ledger.remarks.append(
                f"{unused:,} {self._what}s of {self._source.name} have no interactions and are left out"
            )
        return found

    def columns(self, rows: np.ndarray) -> Mapping[str, np.ndarray]:
        """The attributes at some rows, -1 standing for none: 0, an empty text or an empty list."""
        found = {}
        for name in self._source.columns:
            if name == self._id:
                continue
            values, missing = self._values(self._frame[name])
            if values is None:
                self._ledger.remarks.append(
                    f"column {name!r} of {self._source.name} holds {self._frame[name].dtype} and is no feature source"
                )
                continue
            if missing and values.dtype.kind in "if":
                self._ledger.remarks.append(
                    f"column {name!r} of {self._source.name} has no value in {missing:,} of {len(values):,} rows: 0 "
                    "stands there"
                )
            found[name] = _with_empty(values)[rows]
        return found

    def _values(self, series: pl.Series) -> tuple[np.ndarray | None, int]:
        """A column's values, and how many are missing; None for a type that no feature reads."""
        import polars as pl

        kind = series.dtype
        if isinstance(kind, pl.List | pl.Array):
            return self._cut_lists(series), 0
        numbers = as_numbers(series)
        if numbers is not None:
            return numbers.fill_null(0).to_numpy(), numbers.null_count()
        if not isinstance(kind, pl.String | pl.Categorical | pl.Enum | pl.Null):
            return None, 0
        texts = series.cast(pl.String()).fill_null("")
        if series.name in self._lists:
            split = texts.str.split(self._separator)
            return self._cut_lists(split.list.eval(pl.element().filter(pl.element() != ""))), 0
        texts, cut = bounded(texts, longest_of(len(texts)))
        if cut:
            self._tell_cut(series.name, cut, longest_of(len(texts)))
        what = f"column {series.name!r} of {self._source.name}"
        distinct, values = texts_in_order(texts.unique(), self._source.typed, decimals=True, what=what)
        if values.dtype.kind == "U":
            if not self._source.typed and mostly_numbers(distinct, decimals=True):
                at = not_numbers(texts, decimals=True).arg_max() or 0
                self._ledger.remark(*told_text(what, self._place(self._frame, at), texts[at], decimals=True))
            return np.array(texts.to_list(), dtype=str), 0
        return values[texts.cast(pl.Enum(distinct)).to_physical().to_numpy()], series.null_count()

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


def _lists(series: pl.Series) -> np.ndarray:
    """object [rows] of lists, without nulls."""
    found = np.empty(len(series), object)
    found[:] = [[item for item in value or () if item is not None] for value in series.to_list()]
    return found


def _with_empty(values: np.ndarray) -> np.ndarray:
    """The values and one more, at place -1, that stands for none."""
    if values.dtype == object:
        longer = np.empty(len(values) + 1, object)
        longer[:-1], longer[-1] = values, []
        return longer
    return np.append(values, np.zeros(1, values.dtype))
