"""Columns whose values are numbers or text, gathered from batches, as features read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import define

from recframe import numbers_of
from recframe.builtin.datasets.tabular.codes import Coder, Where
from recframe.builtin.datasets.tabular.column_types import Note, as_text, not_numbers, plain, text_note
from recframe.builtin.datasets.tabular.fixed_width import bounded

if TYPE_CHECKING:
    import polars as pl


#: What a column of texts, all of them numbers, is where it has no value.
UNKNOWN_OR_0 = "it is unknown there, and 0 where a number is read"
#: Different numbers that become text for the sake of rows without a value, at most.
MOST_TEXTS = 100_000


@define(eq=False)
class Values:
    """A column's values.

    Attributes:
        values: int64, float32, float64 or bool [rows]; or int32 codes of `texts`.
        texts: str; the distinct texts; None for numbers.
        missing: How many values were not given; 0 or the empty text stands in their place.
        cut: How many texts were too long, so that only their beginning stands there.
    """

    values: np.ndarray
    texts: np.ndarray | None
    missing: int
    cut: int = 0
    note: Note | None = None

    @property
    def missing_note(self) -> str:
        """What stands where there is no value, for a note; empty where nothing need be told."""
        if not self.missing:
            return ""
        if self.texts is None:
            return "0 stands there"
        numbers = len(self.texts) > 1 and np.isfinite(numbers_of(self.texts)).all()
        return UNKNOWN_OR_0 if numbers else ""


class ExtraColumn:
    """A column of no known part. Numbers and truth values stay what they are if all have a value; else all are text.

    Args:
        typed: Whether values that are text are meant as text, as in every format but csv.
        as_numbers: Whether the user says that they are numbers, so that 0 stands where there is none.
    """

    def __init__(self, name: str, typed: bool, as_numbers: bool = False) -> None:
        self.name, self._typed, self._as_numbers = name, typed, as_numbers
        self._parts: list[pl.Series] = []
        self._coder: Coder | None = None
        self._missing = self._cut = 0
        self._note: Note | None = None

    def add(self, values: pl.Series, where: Where) -> bool:
        """Take a batch's values, each with its place. False where they are what no feature reads, such as lists."""
        import polars as pl

        batch = plain(values)
        if batch is None:
            return False
        self._missing += batch.null_count()
        untold = self._typed and batch.null_count() == len(batch)  # nothing says what they are
        if self._coder is None and (batch.dtype != pl.String() or untold):
            self._parts.append(batch)
            return True
        if self._coder is None:
            self._begin_text(batch, where)
        self._code(batch, where)
        return True

    def _begin_text(self, batch: pl.Series, where: Where) -> None:
        """Numbers until now, in JSON lines or before one beyond int64: all of them are text then."""
        odd = not_numbers(batch.fill_null(""), decimals=True)
        if any(part.dtype.is_numeric() for part in self._parts) and odd.any():
            at = odd.arg_max() or 0
            self._note = text_note(f"column {self.name!r}", where(at), batch[at], decimals=True)
        self._all_text(where)

    def _all_text(self, where: Where) -> None:
        self._coder = Coder(f"column {self.name!r}", self._typed, decimals=True)
        parts, self._parts = self._parts, []
        for part in parts:
            self._code(part, where)

    def _code(self, values: pl.Series, where: Where) -> None:
        assert self._coder is not None
        texts, cut = bounded(as_text(values).fill_null(""))
        self._cut += cut
        self._coder.add(texts, where)

    def finish(self) -> Values:
        """The values of all rows; ends the column."""
        if self._coder is None and not self._are_numbers():
            self._all_text(lambda at: self.name)
        if self._coder is None:
            return self._numbers()
        column, note = self._coder.finish(), self._note or self._coder.note
        if column.values.dtype.kind == "U":
            return Values(column.index, column.values, self._missing, self._cut, note)
        return Values(column.values[column.index], None, self._missing, note=note)

    def _are_numbers(self) -> bool:
        """Whether the parts are of types that go together, and no gap among them need be told from 0."""
        kinds = {part.dtype for part in self._parts if part.null_count() < len(part)}
        gaps = self._missing > 0 and not self._as_numbers
        if len(kinds) > 1 and not _exact_together(self._parts, kinds):
            return False
        if not gaps or not kinds:
            return bool(kinds)
        return sum(part.n_unique() for part in self._parts) > MOST_TEXTS

    def _numbers(self) -> Values:
        import polars as pl

        kinds = {str(part.dtype): part.dtype for part in self._parts if part.null_count() < len(part)}
        kind = pl.Float64() if len(kinds) > 1 else next(iter(kinds.values()))
        empty = False if kind == pl.Boolean() else 0
        arrays = [part.cast(kind).fill_null(empty).to_numpy() for part in self._parts]
        self._parts = []
        return Values(np.concatenate(arrays), None, self._missing)


def _exact_together(parts: list[pl.Series], kinds: set[pl.DataType]) -> bool:
    """Whether values of several types are exact as float64."""
    if not all(kind.is_numeric() for kind in kinds):
        return False
    whole = [part.abs().max() for part in parts if part.dtype.is_integer()]
    return all(largest is None or largest < 2**53 for largest in whole)  # type: ignore[operator]


def with_gaps(values: pl.Series) -> np.ndarray:
    """str [rows]: the text of plain values, an empty one for a null."""
    return np.array(as_text(values).fill_null("").to_list(), dtype=str)
