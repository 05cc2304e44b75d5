"""Collects further columns of numbers or text from batches, as features read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import define

from recframe import numbers_of
from recframe.builtin.datasets.tabular.codes import Coder, Where
from recframe.builtin.datasets.tabular.column_types import Note, as_text, not_numbers, text_note, to_plain_type
from recframe.builtin.datasets.tabular.fixed_width import truncate

if TYPE_CHECKING:
    import polars as pl


#: The meaning of a missing value in a column of texts that are all numbers.
UNKNOWN_OR_0 = "a feature reads these as unknown, or as 0 if it reads numbers"
#: With more different numbers than this, a column with missing values stays numeric.
MOST_TEXTS = 100_000


@define(eq=False)
class Values:
    """A column's values.

    Attributes:
        values: int64, float32, float64 or bool [rows]; or int32 indices into `texts`.
        texts: str; the distinct texts; None for numbers.
        missing: The number of missing values, which are 0 or an empty text.
        cut: The number of truncated texts.
        note: A note for the user on the type of the column, or None.
    """

    values: np.ndarray
    texts: np.ndarray | None
    missing: int
    cut: int = 0
    note: Note | None = None

    @property
    def missing_note(self) -> str:
        """The meaning of missing values, for a note; empty if no note is needed."""
        if not self.missing:
            return ""
        if self.texts is None:
            return "they are 0"
        numbers = len(self.texts) > 1 and np.isfinite(numbers_of(self.texts)).all()
        return UNKNOWN_OR_0 if numbers else ""


class ExtraColumn:
    """A further column. Numbers and truth values keep their type if no value is missing; otherwise all become text.

    Args:
        typed: Whether the format has types, so that text is meant as text. Only csv has none.
        as_numbers: Whether the user declares the column as numbers, so that a missing value is 0.
    """

    def __init__(self, name: str, typed: bool, as_numbers: bool = False) -> None:
        self.name, self._typed, self._as_numbers = name, typed, as_numbers
        self._parts: list[pl.Series] = []
        self._coder: Coder | None = None
        self._missing = self._cut = 0
        self._note: Note | None = None

    def add(self, values: pl.Series, where: Where) -> bool:
        """Add the values of a batch. Returns False if no feature can read their type, such as lists."""
        import polars as pl

        batch = to_plain_type(values)
        if batch is None:
            return False
        self._missing += batch.null_count()
        has_no_type = self._typed and batch.null_count() == len(batch)
        if self._coder is None and (batch.dtype != pl.String() or has_no_type):
            self._parts.append(batch)
            return True
        if self._coder is None:
            self._begin_text(batch, where)
        self._code(batch, where)
        return True

    def _begin_text(self, batch: pl.Series, where: Where) -> None:
        """Convert earlier numbers to text, since this batch has text or numbers beyond int64."""
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
        texts, cut = truncate(as_text(values).fill_null(""))
        self._cut += cut
        self._coder.add(texts, where)

    def finish(self) -> Values:
        """The values of all rows. Call it once, after the last batch."""
        if self._coder is None and not self._are_numbers():
            self._all_text(lambda at: self.name)
        if self._coder is None:
            return self._numbers()
        column, note = self._coder.finish(), self._note or self._coder.note
        if column.values.dtype.kind == "U":
            return Values(column.index, column.values, self._missing, self._cut, note)
        return Values(column.values[column.index], None, self._missing, note=note)

    def _are_numbers(self) -> bool:
        """Whether the parts can be one numeric array, and no missing value must be distinguished from 0."""
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
    """Whether values of several types are all exact as float64."""
    if not all(kind.is_numeric() for kind in kinds):
        return False
    whole = [part.abs().max() for part in parts if part.dtype.is_integer()]
    return all(largest is None or largest < 2**53 for largest in whole)  # type: ignore[operator]


def texts_with_gaps(values: pl.Series) -> np.ndarray:
    """str [rows]: the text of values of a plain type; a null becomes an empty text."""
    return np.array(as_text(values).fill_null("").to_list(), dtype=str)
