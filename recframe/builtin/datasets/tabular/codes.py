"""Codes for values met in batches.

Whole numbers that lie close together are kept as they are and coded at the end. Of other values each batch has its own
distinct ones, which are merged at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from recframe import Column, DataError, distinct_integers
from recframe.builtin.datasets.tabular.column_types import mostly_numbers, not_numbers, text_note, texts_in_order
from recframe.builtin.datasets.tabular.pieces import joined

if TYPE_CHECKING:
    import polars as pl

Where = Callable[[int], str]  # file and line of a row of a batch
LIMIT = 2**31 - 1  # ids are int32
CLOSE = 1 << 24  # numbers so close together are looked up in a table


@frozen(eq=False)
class _Part:
    """The values of a batch: its distinct ones, and int32 places among them."""

    values: pl.Series | np.ndarray
    codes: np.ndarray


class Coder:
    """Values of one column as int32 codes. Memory: 4 bytes a value, and the distinct values of each batch.

    Args:
        what: The column, for messages.
        typed: Whether values that are text are meant as text, as in every format but csv.
        decimals: Whether untyped values may be numbers with a fraction, which ids are not.

    Attributes:
        note: What must be told of the values: of text, though most are numbers, the first that is none. There once all
            are read.
    """

    def __init__(self, what: str, typed: bool, decimals: bool = False) -> None:
        self._what, self._typed, self._decimals = what, typed, decimals
        self._close: list[np.ndarray] | None = []  # all values, as long as they lie close together
        self._range = (0, 0)
        self._parts: list[_Part] = []
        self._odd: tuple[str, str] | None = None  # the first value that is no number, and where
        self.note: tuple[str, str] | None = None

    def add(self, values: pl.Series, where: Where) -> None:
        """Int64 or String values, without nulls. Whole numbers that are String in one batch are so in all."""
        import polars as pl

        if self._close is not None and self._add_close(values):
            return
        if values.dtype == pl.String():
            distinct = values.unique()
            codes = _places(values, distinct)
            self._parts.append(_Part(distinct, codes))
            if self._odd is None and not self._typed:
                odd = not_numbers(distinct, self._decimals)
                if odd.any():
                    at = int(np.argmax(odd.to_numpy()[codes]))
                    self._odd = where(at), values[at]
        else:
            self._parts.append(_Part(*distinct_integers(values.to_numpy())))

    def _add_close(self, values: pl.Series) -> bool:
        """Whether the values lie close to those before, and were kept as they are. If not, none does from here on."""
        assert self._close is not None
        if values.dtype.is_integer():
            numbers, before = values.to_numpy(), self._range
            low, high = int(numbers.min()), int(numbers.max())
            if self._close:
                low, high = min(low, before[0]), max(high, before[1])
            if high - low < CLOSE and low >= -LIMIT and high <= LIMIT:
                self._close.append(numbers.astype(np.int32))
                self._range = (low, high)
                return True
        if self._close:
            self._parts.append(_Part(*distinct_integers(joined(self._close))))
        self._close = None
        return False

    def finish(self) -> Column:
        """The distinct values in order, int64, float64 or str, and int32 [events] the place of each; ends the coder.

        Raises:
            DataError: Where there are more than int32 can count.
        """
        import polars as pl

        if self._close:
            return Column(*distinct_integers(joined(self._close)))
        parts, self._parts = self._parts, []
        whole = [part.values for part in parts if isinstance(part.values, np.ndarray)]
        if len(whole) == len(parts):
            distinct = np.unique(np.concatenate(whole))
            self._check(len(distinct))
            return Column(distinct, _joined(parts, [np.searchsorted(distinct, values) for values in whole]))
        series = [pl.Series(part.values).cast(pl.String()) for part in parts]
        texts = pl.concat(series).unique()
        self._check(len(texts))
        texts, values, self.note = texts_in_order(texts, self._typed, self._decimals, self._what)
        if self._odd is not None and mostly_numbers(texts, self._decimals):
            self.note = text_note(self._what, *self._odd, self._decimals)
        return Column(values, _joined(parts, [_places(own, texts) for own in series]))

    def _check(self, count: int) -> None:
        if count > LIMIT:
            raise DataError(f"{self._what}: {count:,} different values; at most {LIMIT:,} can be told apart (int32)")


def _joined(parts: list[_Part], places: list[np.ndarray]) -> np.ndarray:
    """int32: the codes of all parts by the places of each part's values; uses the parts up, to hold no codes twice."""
    joined, end = np.empty(sum(len(part.codes) for part in parts), np.int32), 0
    parts.reverse()
    for place in places:
        codes = parts.pop().codes
        joined[end : end + len(codes)] = place.astype(np.int32)[codes]
        end += len(codes)
    return joined


def _places(values: pl.Series, among: pl.Series) -> np.ndarray:
    """int32: the place of each text among distinct ones."""
    import polars as pl

    return values.cast(pl.Enum(among)).to_physical().to_numpy().astype(np.int32)
