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

Where = Callable[[int], str]  # the file and line of a row in a batch
LIMIT = 2**31 - 1  # ids are int32
CLOSE = 1 << 24  # numbers so close together are looked up in a table


@frozen(eq=False)
class _Part:
    """The values of a batch: its distinct values, and int32 indices into them."""

    values: pl.Series | np.ndarray
    codes: np.ndarray


class Coder:
    """Encodes one column as int32 codes. It needs 4 bytes for each value, and the distinct values of each batch.

    Args:
        what: The column, for messages.
        typed: Whether the format has types, so that text is meant as text. Only csv has none.
        decimals: Whether untyped values may be decimal numbers. Ids may not.

    Attributes:
        note: A note if the column is text although most of its values are numbers. Known after `finish`.
    """

    def __init__(self, what: str, typed: bool, decimals: bool = False) -> None:
        self._what, self._typed, self._decimals = what, typed, decimals
        self._close: list[np.ndarray] | None = []  # all values, as long as they lie close together
        self._range = (0, 0)
        self._parts: list[_Part] = []
        #: The place in the file of the first text that is not a number, and the text.
        self._first_text: tuple[str, str] | None = None
        self.note: tuple[str, str] | None = None

    def add(self, values: pl.Series, where: Where) -> None:
        """Add Int64 or String values without nulls. If one batch is String, the numbers of all batches become texts."""
        import polars as pl

        if self._close is not None and self._add_close(values):
            return
        if values.dtype == pl.String():
            distinct = values.unique()
            codes = _places(values, distinct)
            self._parts.append(_Part(distinct, codes))
            if self._first_text is None and not self._typed:
                odd = not_numbers(distinct, self._decimals)
                if odd.any():
                    at = int(np.argmax(odd.to_numpy()[codes]))
                    self._first_text = where(at), values[at]
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
        """The distinct values in order, int64, float64 or str, and int32 [events] indices into them.

        Call it once, after the last batch.

        Raises:
            DataError: There are more distinct values than int32 can count.
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
        if self._first_text is not None and mostly_numbers(texts, self._decimals):
            self.note = text_note(self._what, *self._first_text, self._decimals)
        return Column(values, _joined(parts, [_places(own, texts) for own in series]))

    def _check(self, count: int) -> None:
        if count > LIMIT:
            raise DataError(f"{self._what}: {count:,} different values, but at most {LIMIT:,} are possible (int32)")


def _joined(parts: list[_Part], places: list[np.ndarray]) -> np.ndarray:
    """int32: the merged codes of all parts. It empties the list, so that no codes are in memory twice.

    Args:
        places: For each part, the merged code of each of its distinct values.
    """
    joined, end = np.empty(sum(len(part.codes) for part in parts), np.int32), 0
    parts.reverse()
    for place in places:
        codes = parts.pop().codes
        joined[end : end + len(codes)] = place.astype(np.int32)[codes]
        end += len(codes)
    return joined


def _places(values: pl.Series, among: pl.Series) -> np.ndarray:
    """int32: the index of each text among distinct texts."""
    import polars as pl

    return values.cast(pl.Enum(among)).to_physical().to_numpy().astype(np.int32)
