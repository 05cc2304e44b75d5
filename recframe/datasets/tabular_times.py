"""Times as seconds since 1970: from numbers, ISO text, dates and date-times. Without a time zone, UTC."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_ISO = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?( ?(Z|UTC|[+-]\d{2}(:?\d{2})?))?)?$"
_WHOLE, _NUMBER = r"^[+-]?\d{1,19}$", r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"
_ZONE = r"([+-])\d{2}:?(?:\d{2})?$"
_LARGEST = 9e18


def to_seconds(values: pl.Series, unit: str) -> pl.Series:
    """Int64 seconds, rounded down; null where a value is no time.

    Args:
        unit: Of values that are numbers: s, ms, us or ns.
    """
    import polars as pl

    factor, kind = PER_SECOND[unit], values.dtype
    if isinstance(kind, pl.Date | pl.Datetime):
        return values.dt.epoch("s")
    if kind.is_integer():
        return values.cast(pl.Int64(), strict=False) // factor
    if kind.is_float() or kind.is_decimal():
        return _whole(values.cast(pl.Float64()) / factor)
    if isinstance(kind, pl.String | pl.Categorical | pl.Enum):
        return _of_text(values.cast(pl.String()), factor)
    return pl.Series(values.name, [None] * len(values), pl.Int64())


def is_number(value: object) -> bool:
    """Whether a value that is a time is a number, so that its unit matters."""
    return re.fullmatch(_NUMBER, value) is not None if isinstance(value, str) else isinstance(value, int | float)


def _whole(seconds: pl.Series) -> pl.Series:
    import polars as pl

    floor = seconds.floor()
    return floor.set(~(floor.abs() < _LARGEST).fill_null(False), None).cast(pl.Int64())


def _of_text(values: pl.Series, factor: int) -> pl.Series:
    import polars as pl

    values = values.alias("time")  # whatever a column is called, here it is a plain name
    if values.str.contains(_WHOLE).all():  # nulls aside
        return values.cast(pl.Int64(), strict=False) // factor
    text = pl.col("time")
    whole = pl.when(text.str.contains(_WHOLE)).then(text).cast(pl.Int64(), strict=False) // factor
    number = pl.when(text.str.contains(_NUMBER)).then(text).cast(pl.Float64(), strict=False)
    frame = values.to_frame()
    numbers = _whole(frame.select(number / factor).to_series())
    dated = pl.when(text.str.contains(_ISO)).then(text)
    return frame.select(pl.coalesce(whole, pl.lit(numbers), _iso(dated)).alias("time")).to_series()


def _iso(text: pl.Expr) -> pl.Expr:
    """Seconds of text that looks like ISO 8601; null where the calendar or the clock has no such time."""
    import polars as pl

    days = text.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False).cast(pl.Int64())
    clock = text.str.slice(10)

    def part(pattern: str, most: int) -> pl.Expr:
        found = clock.str.extract(pattern, 1).cast(pl.Int64()).fill_null(0)
        return pl.when(found <= most).then(found)

    hours, minutes = part(r"^[T ](\d{2})", 23), part(r"^[T ]\d{2}:(\d{2})", 59)
    seconds = part(r"^[T ]\d{2}:\d{2}:(\d{2})", 60)  # a leap second counts as the next
    sign = pl.when(clock.str.extract(_ZONE, 1) == "-").then(-1).otherwise(1)
    zone = part(r"[+-](\d{2}):?(?:\d{2})?$", 14) * 60 + part(r"[+-]\d{2}:?(\d{2})$", 59)  # none is further from UTC
    return days * 86_400 + hours * 3600 + minutes * 60 + seconds - sign * zone * 60
