"""Converts numbers, ISO 8601 texts, dates and datetimes to nanoseconds since 1970, exactly.

Times without a zone are UTC.

Times before 1678 or after 2261 do not fit into int64. They become the first or the last time that fits, so that later
checks still see them as too early or in the future.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
NANOSECONDS = PER_SECOND["ns"]
_DAY = 86_400
_DIGITS = {unit: len(str(NANOSECONDS // per_second)) - 1 for unit, per_second in PER_SECOND.items()}
_LATEST = 2**63 - 1
_MOST_DIGITS = 60  # a number of nanoseconds with more digits is too large in any unit
# Only ASCII digits: \d would also match the digits of other scripts, which Polars cannot cast.
_DD = "[0-9]{2}"
_ISO = rf"^[0-9]{{4}}-{_DD}-{_DD}([T ]{_DD}:{_DD}(:{_DD}([.,][0-9]+)?)?( ?(Z|UTC|[+-]{_DD}(:?{_DD})?))?)?$"
_WHOLE, _NUMBER = r"^[+-]?[0-9]{1,19}$", r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$"
_ZONE = rf"([+-]){_DD}:?(?:{_DD})?$"


def to_nanoseconds(values: pl.Series, unit: str) -> pl.Series:
    """Int64 nanoseconds, rounded down; null if a value is not a time.

    Args:
        unit: The unit of numbers: s, ms, us or ns.
    """
    import polars as pl

    kind = values.dtype
    if isinstance(kind, pl.Datetime):
        return _of_whole(values.to_physical(), kind.time_unit)
    if isinstance(kind, pl.Date):
        return _of_whole(values.to_physical().cast(pl.Int64()) * _DAY, "s")
    if kind.is_integer():
        return _of_whole(values, unit)
    if kind.is_float():
        return _of_floats(values.cast(pl.Float64()), unit)
    if kind.is_decimal() or isinstance(kind, pl.String | pl.Categorical | pl.Enum):
        return _of_text(values.cast(pl.String()), unit)
    return pl.Series(values.name, [None] * len(values), pl.Int64())


def is_number(value: object) -> bool:
    """Whether a time is a number, so that its unit matters."""
    return re.fullmatch(_NUMBER, value) is not None if isinstance(value, str) else isinstance(value, int | float)


def _of_whole(values: pl.Series, unit: str) -> pl.Series:
    import polars as pl

    whole = values.cast(pl.Int64(), strict=False)
    if whole.null_count() > values.null_count():  # types with a larger range than int64
        too_large, negative = whole.is_null() & values.is_not_null(), values.cast(pl.Float64()) < 0
        whole = whole.set(too_large & ~negative, _LATEST).set(too_large & negative, -_LATEST)
    return _scaled(whole, NANOSECONDS // PER_SECOND[unit])


def _scaled(values: pl.Series, factor: int) -> pl.Series:
    """Multiply Int64 values by a factor, clipped so that a fraction can still be added."""
    if factor == 1:
        return values
    bound = _LATEST // factor - 1
    return values.clip(-bound, bound) * factor


def _of_floats(values: pl.Series, unit: str) -> pl.Series:
    import polars as pl

    factor = NANOSECONDS // PER_SECOND[unit]
    values = values.set(~values.is_finite(), None)
    floor = values.floor()
    fraction = ((values - floor) * factor).floor().clip(0, factor - 1)  # the difference is exact
    # 2^63 does not fit into Int64, and the next smaller float is far in the future anyway.
    whole = floor.clip(-(2.0**63 - 1024), 2.0**63 - 1024).cast(pl.Int64())
    return _scaled(whole, factor) + fraction.cast(pl.Int64())


def _of_text(values: pl.Series, unit: str) -> pl.Series:
    import polars as pl

    values = values.alias("time")  # a column name may have a special meaning in Polars
    if values.str.contains(_WHOLE).all():  # apart from nulls
        whole = values.cast(pl.Int64(), strict=False)
        if whole.null_count() == values.null_count():
            return _of_whole(whole, unit)
    text = pl.col("time")
    numbers = _decimal(pl.when(text.str.contains(_NUMBER)).then(text), unit)
    dates = _iso(pl.when(text.str.contains(_ISO)).then(text))
    return values.to_frame().select(pl.coalesce(numbers, dates).alias("time")).to_series()


def _decimal(text: pl.Expr, unit: str) -> pl.Expr:
    """Nanoseconds of decimal numbers in text, computed from their digits, since a float is not exact."""
    import polars as pl

    digits = text.str.extract(r"^[+-]?([0-9.]+)", 1)
    before, after = digits.str.extract(r"^([0-9]*)", 1), digits.str.extract(r"\.([0-9]*)", 1).fill_null("")
    exponent = text.str.extract(r"[eE]([+-]?[0-9]+)$", 1).cast(pl.Int64()).fill_null(0)
    size = before.str.len_chars().cast(pl.Int64()) + exponent + _DIGITS[unit]
    padded = pl.concat_str(before, after, pl.lit("0" * _MOST_DIGITS))
    kept = padded.str.slice(0, size.clip(0, _MOST_DIGITS).cast(pl.UInt32()))
    cut = padded.str.slice(size.clip(0).cast(pl.UInt32())).str.contains("[1-9]")
    significant = kept.str.strip_chars_start("0")
    fits = (significant.str.len_chars() <= 19) & (size <= _MOST_DIGITS)
    number = pl.when(significant == "").then(pl.lit("0")).when(fits).then(significant).cast(pl.Int64(), strict=False)
    number = pl.when(text.is_not_null()).then(number.fill_null(_LATEST))
    return pl.when(text.str.starts_with("-")).then(-number - cut.cast(pl.Int64())).otherwise(number)


def _iso(text: pl.Expr) -> pl.Expr:
    """Nanoseconds of text in ISO 8601; null if the date or the time does not exist."""
    import polars as pl

    days = text.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False).cast(pl.Int64())
    clock = text.str.slice(10)

    def part(pattern: str, most: int) -> pl.Expr:
        number = clock.str.extract(pattern, 1).cast(pl.Int64()).fill_null(0)
        return pl.when(number <= most).then(number)

    hours, minutes = part(rf"^[T ]({_DD})", 23), part(rf"^[T ]{_DD}:({_DD})", 59)
    seconds = part(rf"^[T ]{_DD}:{_DD}:({_DD})", 60)  # a leap second becomes the next second
    fraction = pl.concat_str(clock.str.extract(r"[.,]([0-9]+)", 1).fill_null(""), pl.lit("0" * 9)).str.slice(0, 9)
    sign = pl.when(clock.str.extract(_ZONE, 1) == "-").then(-1).otherwise(1)
    zone = part(rf"[+-]({_DD}):?(?:{_DD})?$", 14) * 60 + part(
        rf"[+-]{_DD}:?({_DD})$", 59
    )  # the largest offset from UTC
    whole = days * _DAY + hours * 3600 + minutes * 60 + seconds - sign * zone * 60
    bound = _LATEST // NANOSECONDS - 1
    return whole.clip(-bound, bound) * NANOSECONDS + fraction.cast(pl.Int64())
