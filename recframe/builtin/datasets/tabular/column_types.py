"""Detects the type of a column: numbers, truth values or text. Text becomes numbers only if no text changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recframe import text_of
from recframe.builtin.datasets.tabular.fixed_width import as_array, fits
from recframe.builtin.datasets.tabular.ledger import short

if TYPE_CHECKING:
    import polars as pl

#: Whole numbers in their usual form. `007` is text, since 7 is another id.
WHOLE = r"^(0|-?[1-9][0-9]{0,18})$"
_WHOLE_OF_ANY_SIZE = r"^(0|-?[1-9][0-9]*)$"
DECIMAL = r"^-?((0|[1-9][0-9]*)(\.[0-9]+)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?$"

Note = tuple[str, str]


def not_numbers(texts: pl.Series, decimals: bool) -> pl.Series:
    """bool [texts]: whether a text is neither a number nor empty."""
    return ~texts.str.contains(DECIMAL if decimals else _WHOLE_OF_ANY_SIZE) & (texts != "")


def mostly_numbers(distinct: pl.Series, decimals: bool) -> bool:
    """Whether at least half of the distinct texts, but not all, are numbers. The others may be mistakes."""
    texts = distinct.filter(distinct != "")
    return 0 < 2 * int(not_numbers(texts, decimals).sum()) <= len(texts)


def text_note(what: str, where: str, value: object, decimals: bool) -> Note:
    """A note on a column of mostly numbers, and its details on the first value that is not a number."""
    kind = "numbers" if decimals else "whole numbers"
    more = "; name the column in dataset.numbers to refuse or skip such rows" if decimals else ""
    return (
        f"{what} is text, though most of its values are {kind}",
        f": the first other value is {short(value)} in {where}{more}",
    )


def texts_in_order(
    texts: pl.Series, typed: bool, decimals: bool, what: str
) -> tuple[pl.Series, np.ndarray, Note | None]:
    """Sort distinct texts, and convert them to numbers if possible.

    If the format has no types, they become int64 or float64, provided that each number is written in its usual form.
    One 1.10, 007 or empty text among them makes all of them text.

    Args:
        what: The column, for messages.

    Returns:
        The texts in order; their values, int64, float64 or str; and a note, or None.

    Raises:
        DataError: The texts need too much memory and are not numbers.
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
                f": its {len(texts):,} different texts would need too much memory; as numbers, 1.10 and 1.1 are equal",
            )
            return *_by_number(texts, numbers), note
    texts = texts.sort()
    return texts, as_array(texts, what), None


def _by_number(texts: pl.Series, numbers: pl.Series) -> tuple[pl.Series, np.ndarray]:
    order = numbers.arg_sort()
    return texts.gather(order), numbers.gather(order).to_numpy()


def _whole_numbers(texts: pl.Series) -> pl.Series | None:
    """Int64: the texts as numbers; None if a text is not the usual form of its number."""
    import polars as pl

    if not texts.str.contains(WHOLE).all():
        return None
    numbers = texts.cast(pl.Int64(), strict=False)
    return None if numbers.null_count() else numbers  # null: beyond int64


def _decimals(texts: pl.Series) -> pl.Series | None:
    """Float64: the texts as numbers; None if a text is not the usual form of its number."""
    import polars as pl

    if not texts.str.contains(DECIMAL).all():
        return None
    numbers = texts.cast(pl.Float64(), strict=False)
    if numbers.null_count():
        return None
    alike = all(text_of(number) == text for number, text in zip(numbers, texts, strict=True))
    return numbers if alike else None


def to_plain_type(values: pl.Series) -> pl.Series | None:
    """Convert a column to Int64, Float32, Float64, Boolean or String; nulls stay. None for types that no feature reads.

    Times become whole seconds. Whole numbers beyond int64 become text.
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
    """String: the text of each value of a plain type; nulls stay."""
    import polars as pl

    if not values.dtype.is_float():
        return values.cast(pl.String())
    unique = values.drop_nulls().unique()
    texts = [text_of(number) for number in unique.to_numpy()]
    return values.replace_strict(unique, pl.Series(texts, dtype=pl.String()), default=None, return_dtype=pl.String())
