"""What the values of a column are: numbers, truth values or text. Text becomes numbers only where nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recframe import text_of
from recframe.builtin.datasets.tabular.fixed_width import as_array, fits
from recframe.builtin.datasets.tabular.ledger import short

if TYPE_CHECKING:
    import polars as pl

#: Whole numbers that read back as they are written: `007` is text, since 7 is another id.
WHOLE = r"^(0|-?[1-9][0-9]{0,18})$"
_WHOLE_OF_ANY_SIZE = r"^(0|-?[1-9][0-9]*)$"
DECIMAL = r"^-?((0|[1-9][0-9]*)(\.[0-9]+)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?$"

Note = tuple[str, str]


def not_numbers(texts: pl.Series, decimals: bool) -> pl.Series:
    """bool: which of the texts are neither numbers nor empty."""
    return ~texts.str.contains(DECIMAL if decimals else _WHOLE_OF_ANY_SIZE) & (texts != "")


def mostly_numbers(distinct: pl.Series, decimals: bool) -> bool:
    """Whether some of distinct texts are no numbers, but at least half are, so that the others may be mistakes."""
    texts = distinct.filter(distinct != "")
    return 0 < 2 * int(not_numbers(texts, decimals).sum()) <= len(texts)


def text_note(what: str, where: str, value: object, decimals: bool) -> Note:
    """A note on a column, and what it says of the first value that is no number."""
    kind = "numbers" if decimals else "whole numbers"
    more = "; dataset.numbers names columns in which such a row is refused or skipped" if decimals else ""
    return (
        f"{what} is text, though most of its values are {kind}",
        f": {where} has {short(value)}, the first that is none{more}",
    )


def texts_in_order(
    texts: pl.Series, typed: bool, decimals: bool, what: str
) -> tuple[pl.Series, np.ndarray, Note | None]:
    """Distinct texts, sorted; what they are; and what must be told of that.

    Where the format knows no types, they are int64 or float64 numbers if each number's text is the one that stands
    there: with 1.10, 007, or an empty text among them, all are text.

    Raises:
        DataError: For texts that take too much memory and are no numbers; `what` is their column.
    """
    import polars as pl

    if not typed and len(texts):
        numbers = _whole_numbers(texts)
        if numbers is None and decimals:
            numbers = _decimals(texts)
        if numbers is not None:
            return *_by_number(texts, numbers), None
    if decimals and not fits(texts) and not not_numbers(texts, decimals=True).any():
        numbers = texts.replace("", "0").cast(pl.Float64(), strict=False)
        if numbers.is_finite().all():
            note = (
                f"{what} is read as numbers",
                f": its {len(texts):,} different texts would take too much memory, so that 1.10 is 1.1 in it",
            )
            return *_by_number(texts, numbers), note
    texts = texts.sort()
    return texts, as_array(texts, what), None


def _by_number(texts: pl.Series, numbers: pl.Series) -> tuple[pl.Series, np.ndarray]:
    order = numbers.arg_sort()
    return texts.gather(order), numbers.gather(order).to_numpy()


def _whole_numbers(texts: pl.Series) -> pl.Series | None:
    """Int64: the numbers of texts; None where one of them would not read back as it is written."""
    import polars as pl

    if not texts.str.contains(WHOLE).all():
        return None
    numbers = texts.cast(pl.Int64(), strict=False)
    return None if numbers.null_count() else numbers  # beyond int64


def _decimals(texts: pl.Series) -> pl.Series | None:
    """Float64: the numbers of texts; None where one of them is no number, or would be written otherwise."""
    import polars as pl

    if not texts.str.contains(DECIMAL).all():
        return None
    numbers = texts.cast(pl.Float64(), strict=False)
    if numbers.null_count():
        return None
    alike = all(text_of(number) == text for number, text in zip(numbers, texts, strict=True))
    return numbers if alike else None


def plain(values: pl.Series) -> pl.Series | None:
    """A column as Int64, Float32, Float64, Boolean or String, nulls as they are; None for types that no feature reads.

    Times are whole seconds. Whole numbers beyond int64 are text.
    """
    import polars as pl

    kind = values.dtype
    if isinstance(kind, pl.Date | pl.Datetime):
        return values.dt.epoch("s")
    if kind.is_integer():
        whole = values.cast(pl.Int64(), strict=False)
        return whole if whole.null_count() == values.null_count() else values.cast(pl.String())
    if kind.is_float() or kind.is_decimal():
        return (values if kind == pl.Float32() else values.cast(pl.Float64())).fill_nan(None)
    if isinstance(kind, pl.Boolean):
        return values
    if isinstance(kind, pl.String | pl.Categorical | pl.Enum | pl.Null):
        return values.cast(pl.String())
    return None


def as_text(values: pl.Series) -> pl.Series:
    """String: the text of each plain value; nulls as they are."""
    import polars as pl

    if not values.dtype.is_float():
        return values.cast(pl.String())
    once = values.drop_nulls().unique()
    texts = [text_of(number) for number in once.to_numpy()]
    return values.replace_strict(once, pl.Series(texts, dtype=pl.String()), default=None, return_dtype=pl.String())
