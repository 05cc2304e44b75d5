"""Columns whose values are numbers or text, gathered from batches, as features read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import define

from recframe.datasets.tabular_coder import Coder, Where, told_text
from recframe.datasets.tabular_texts import bounded

if TYPE_CHECKING:
    import polars as pl


@define(eq=False)
class Values:
    """A column's values.

    Attributes:
        values: int64, float32 or float64 [rows]; or int32 codes of `texts`.
        texts: str; the distinct texts; None for numbers.
        missing: How many values were not given; 0 or the empty text stands in their place.
        cut: How many texts were too long, so that only their beginning stands there.
    """

    values: np.ndarray
    texts: np.ndarray | None
    missing: int
    cut: int = 0
    note: tuple[str, str] | None = None


class ExtraColumn:
    """A column of no known part: numbers stay numbers, everything else becomes text and is coded."""

    def __init__(self, name: str, typed: bool) -> None:
        self.name, self._typed = name, typed
        self._parts: list[pl.Series] = []
        self._coder: Coder | None = None
        self._missing = self._cut = 0
        self._note: tuple[str, str] | None = None

    def add(self, values: pl.Series, where: Where) -> bool:
        """Take a batch's values, each with its place. False where they are what no feature reads, such as lists."""
        import polars as pl

        numbers = as_numbers(values)
        if numbers is None and not isinstance(values.dtype, pl.String | pl.Categorical | pl.Enum | pl.Null):
            return False
        self._missing += (values if numbers is None else numbers).null_count()
        if self._coder is None and (numbers is not None or (self._typed and values.null_count() == len(values))):
            self._parts.append(values if numbers is None else numbers)
            return True
        if self._coder is None:
            # Numbers until now, in JSON lines: all of them are text then.
            what = f"column {self.name!r}"
            self._coder = Coder(what, self._typed, decimals=True)
            parts, self._parts = self._parts, []
            if any(part.dtype.is_numeric() for part in parts):
                at = values.is_not_null().arg_max() or 0
                self._note = told_text(what, where(at), values[at], decimals=True)
            for part in parts:
                self._coder.add(part.cast(pl.String()).fill_null(""), where)
        texts, cut = bounded((values if numbers is None else numbers).cast(pl.String()).fill_null(""))
        self._cut += cut
        self._coder.add(texts, where)
        return True

    def finish(self) -> Values:
        """The values of all rows; ends the column."""
        import polars as pl

        if self._coder is not None:
            column = self._coder.finish()
            if column.values.dtype.kind == "U":
                return Values(column.index, column.values, self._missing, self._cut, self._note or self._coder.note)
            return Values(column.values[column.index], None, self._missing)
        given = [part for part in self._parts if part.dtype.is_numeric()]
        if not given:
            return Values(np.zeros(sum(map(len, self._parts)), np.int32), np.array([""]), self._missing)
        kind = pl.Float64() if len({str(part.dtype) for part in given}) > 1 else given[0].dtype
        arrays = [part.cast(kind).fill_null(0).to_numpy() for part in self._parts]
        self._parts = []
        return Values(np.concatenate(arrays), None, self._missing)


def as_numbers(values: pl.Series) -> pl.Series | None:
    """Numbers, truth and times as Int64, Float32 or Float64 with nulls as they are; None for other types."""
    import polars as pl

    kind = values.dtype
    if isinstance(kind, pl.Date | pl.Datetime):
        return values.dt.epoch("s")
    if kind.is_integer() or isinstance(kind, pl.Boolean):
        return values.cast(pl.Int64(), strict=False)
    if kind.is_float() or kind.is_decimal():
        floats = values if kind == pl.Float32() else values.cast(pl.Float64())
        return floats.fill_nan(None)
    return None
