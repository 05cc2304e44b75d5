"""Columns of Polars as text, and text as whole numbers, so that nothing that is written is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recframe.runtime.encoding import text_of

if TYPE_CHECKING:
    import polars as pl

#: Whole numbers that read back as they are written: `007` is text, since 7 is another id.
_WHOLE = r"^(0|-?[1-9][0-9]{0,18})$"


def text_column(values: pl.Series) -> pl.Series:
    """String [rows]: the text of each number, truth value or text, as `text_of` has it; nulls as they are."""
    import polars as pl

    if not values.dtype.is_float():
        return values.cast(pl.String())
    once = values.drop_nulls().unique()
    texts = [text_of(number) for number in once.to_numpy()]
    return values.replace_strict(once, pl.Series(texts, dtype=pl.String()), default=None, return_dtype=pl.String())


def whole_numbers(texts: pl.Series) -> pl.Series | None:
    """Int64 [rows]: the numbers of texts; None where one of them would not read back as it is written."""
    import polars as pl

    if not texts.str.contains(_WHOLE).all():  # nulls aside
        return None
    numbers = texts.cast(pl.Int64(), strict=False)
    return numbers if numbers.null_count() == texts.null_count() else None  # beyond int64
