"""Codes for values met in batches: each batch has its own distinct values, and they are merged at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from recframe.data.interactions import Column
from recframe.datasets.tabular_rows import short
from recframe.datasets.tabular_texts import as_array
from recframe.errors import DataError

if TYPE_CHECKING:
    import polars as pl

Where = Callable[[int], str]  # file and line of a row of a batch
LIMIT = 2**31 - 1  # ids are int32
#: Numbers that read back as they are written: `007` is text, since 7 is another id.
WHOLE = r"^(0|-?[1-9]\d{0,18})$"
_DECIMAL = r"^-?((0|[1-9]\d*)(\.\d+)?|\.\d+)([eE][+-]?\d{1,2})?$"


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
        note: Where the values are text, though most are numbers: the first that is none. There once all are read.
    """

    def __init__(self, what: str, typed: bool, decimals: bool = False) -> None:
        self._what, self._typed, self._decimals = what, typed, decimals
        self._parts: list[_Part] = []
        self._odd: tuple[str, str] | None = None  # the first value that is no number, and where
        self.note: tuple[str, str] | None = None

    @property
    def is_text(self) -> bool | None:
        """Whether the values are text; None where there are none yet."""
        return None if not self._parts else not isinstance(self._parts[0].values, np.ndarray)

    def add(self, values: pl.Series, where: Where) -> None:
        """Int64 or String values, without nulls. All of one kind."""
        import polars as pl

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

    def finish(self) -> Column:
        """The distinct values in order, int64, float64 or str, and int32 [events] the place of each; ends the coder.

        Raises:
            DataError: Where there are more than int32 can count.
        """
        parts, self._parts = self._parts, []
        if isinstance(parts[0].values, np.ndarray):
            whole = np.unique(np.concatenate([part.values for part in parts]))
            self._check(len(whole))
            codes = [np.searchsorted(whole, part.values).astype(np.int32)[part.codes] for part in parts]
            return Column(whole, np.concatenate(codes))
        import polars as pl

        texts = pl.concat([part.values for part in parts if not isinstance(part.values, np.ndarray)]).unique()
        self._check(len(texts))
        texts, values = texts_in_order(texts, self._typed, self._decimals, self._what)
        if self._odd is not None and mostly_numbers(texts, self._decimals):
            self.note = told_text(self._what, *self._odd, self._decimals)
        codes = []
        for part in parts:
            assert not isinstance(part.values, np.ndarray)
            codes.append(_places(part.values, texts)[part.codes])
        return Column(values, np.concatenate(codes))

    def _check(self, count: int) -> None:
        if count > LIMIT:
            raise DataError(f"{self._what}: {count:,} different values; at most {LIMIT:,} can be told apart (int32)")


def not_numbers(texts: pl.Series, decimals: bool) -> pl.Series:
    """bool: which of some texts are neither numbers nor empty."""
    return ~texts.str.contains(_DECIMAL if decimals else WHOLE) & (texts != "")


def mostly_numbers(distinct: pl.Series, decimals: bool) -> bool:
    """Whether some of distinct texts are no numbers, but at least half are, so that the others may be mistakes."""
    given = distinct.filter(distinct != "")
    return 0 < 2 * int(not_numbers(given, decimals).sum()) <= len(given)


def told_text(what: str, where: str, value: object, decimals: bool) -> tuple[str, str]:
    """A note on a column, and what it says of the first value that is no number."""
    kind = "numbers" if decimals else "whole numbers"
    more = "; dataset.numbers names columns in which such a row is refused or skipped" if decimals else ""
    return (
        f"{what} is text, though most of its values are {kind}",
        f": {where} has {short(value)}, the first that is none{more}",
    )


def texts_in_order(texts: pl.Series, typed: bool, decimals: bool, what: str) -> tuple[pl.Series, np.ndarray]:
    """Distinct texts, sorted, and what they are: where all are numbers and the format knows no types, numbers.

    Raises:
        DataError: For texts that take too much memory; `what` is their column.
    """
    import polars as pl

    given = texts.filter(texts != "")
    if not typed and len(given):
        for pattern, kind in ((WHOLE, pl.Int64()), (_DECIMAL, pl.Float64()))[: 1 + decimals]:
            if given.str.contains(pattern).all():
                numbers = texts.replace("", "0").cast(kind, strict=False)
                if numbers.null_count() or not numbers.cast(pl.Float64()).is_finite().all():
                    break
                order = numbers.arg_sort()
                return texts.gather(order), numbers.gather(order).to_numpy()
    texts = texts.sort()
    return texts, as_array(texts, what)


def distinct_integers(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct numbers in order, and int32 the place of each given one."""
    low, high = int(values.min()), int(values.max())
    if high - low < 4 * len(values) + 1_000_000:
        # Marking what is there needs no sort.
        present = np.zeros(high - low + 1, bool)
        shifted = values - low
        present[shifted] = True
        return np.flatnonzero(present) + low, (np.cumsum(present, dtype=np.int32) - 1)[shifted]
    distinct, codes = np.unique(values, return_inverse=True)
    return distinct, codes.astype(np.int32)


def _places(values: pl.Series, among: pl.Series) -> np.ndarray:
    """int32: the place of each text among distinct ones."""
    import polars as pl

    return values.cast(pl.Enum(among)).to_physical().to_numpy().astype(np.int32)
