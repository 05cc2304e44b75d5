"""Columns whose values are numbers or text, gathered from batches, as features read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import define

from recframe.datasets.tabular_coder import Coder

if TYPE_CHECKING:
    import polars as pl


@define(eq=False)
class Values:
    """A column's values.

    Attributes:
        values: int64, float32 or float64 [rows]; or int32 codes of `texts`.
        texts: str; the distinct texts; None for numbers.
        missing: How many values were not given; 0 or the empty text stands in their place.
    """

    values: np.ndarray
    texts: np.ndarray | None
    missing: int


class ExtraColumn:
    """A column of no known part: numbers stay numbers, everything else becomes text and is coded."""

    def __init__(self, name: str, typed: bool) -> None:
        self.name, self._typed = name, typed
        self._parts: list[pl.Series] = []
        self._coder: Coder | None = None
        self._missing = 0

    def add(self, values: pl.Series) -> bool:
        """Take a batch's values. False where the column holds what no feature reads, such as lists."""
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
            self._coder = Coder(f"column {self.name!r}", self._typed, decimals=True)
            parts, self._parts = self._parts, []
            for part in parts:
                self._coder.add(part.cast(pl.String()).fill_null(""))
        self._coder.add((values if numbers is None else numbers).cast(pl.String()).fill_null(""))
        return True

    def finish(self) -> Values:
        """The values of all rows; ends the column."""
        import polars as pl

        if self._coder is not None:
            column = self._coder.finish()
            if column.values.dtype.kind == "U":
                return Values(column.index, column.values, self._missing)
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

    from recframe.datasets.tabular_times import to_seconds

    kind = values.dtype
    if isinstance(kind, pl.Date | pl.Datetime):
        return to_seconds(values, "s")
    if kind.is_integer() or isinstance(kind, pl.Boolean):
        return values.cast(pl.Int64(), strict=False)
    if kind.is_float() or kind.is_decimal():
        floats = values if kind == pl.Float32() else values.cast(pl.Float64())
        return floats.fill_nan(None)
    return None
