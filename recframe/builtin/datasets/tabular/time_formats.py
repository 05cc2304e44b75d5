"""Reads times in a format that the user sets, and guesses a format for messages if none is set."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from recframe import SpecError, override

if TYPE_CHECKING:
    import polars as pl

_CODES = "YymdbBaAHIMSfpjzTFDR%"
_CLOCK = re.compile(r"%[HITR]")
_YEARS = 1900, 2262  # in other years, `%Y` has probably read a year with two digits
_SAMPLE = 1000  # the number of values that a proposed format must fit
_DAYS = (
    *("%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%m/%d/%y", "%d/%m/%y", "%d.%m.%Y", "%d.%m.%y", "%Y.%m.%d"),
    *("%m-%d-%Y", "%d-%m-%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y"),
    *("%m-%d-%y", "%d-%m-%y"),
    *("%a, %d %b %Y", "%Y-%m-%d", "%Y%m%d"),
)
_CLOCKS = (
    "",
    " %H:%M",
    " %H:%M:%S",
    " %I:%M %p",
    " %I:%M:%S %p",
    " %H:%M:%S.%f",
    "T%H:%M:%S",
    " %H:%M:%S %z",
    ", %H:%M",
)
_WHOLE = (
    *("%a, %d %b %Y %H:%M:%S GMT", "%a %b %d %H:%M:%S UTC %Y", "%a %b %d %H:%M:%S GMT %Y"),
    *("%a %b %d %H:%M:%S %z %Y", "%a %b %d %H:%M:%S %Y", "%d/%b/%Y:%H:%M:%S %z"),
)
FORMATS = (*(day + clock for day in _DAYS for clock in _CLOCKS), *_WHOLE)


def check_format(text: str) -> None:
    """Raise SpecError if a format has an unknown code, or does not determine the day."""
    codes = re.findall(r"%-?(.?)", text)
    wrong = next((code for code in codes if not code or code not in _CODES), None)
    if wrong == "Z":
        raise SpecError(f"time_format: {text!r}: names of time zones are ambiguous; use %z, for offsets such as +0200")
    if wrong is not None:
        raise SpecError(f"time_format: {text!r}: %{wrong} is not a code; the codes are %{', %'.join(_CODES)}")
    has = set(codes)
    year, day = has & set("Yy"), (has & set("mbB") and "d" in has) or "j" in has
    if not (has & set("FD") or (year and day)):
        raise SpecError(f"time_format: {text!r} has no day: it needs year, month and day, such as %Y-%m-%d")
    if "f" in has and ".%f" not in text:
        raise SpecError(f"time_format: {text!r}: %f must follow a point, as in %S.%f")
    if ("I" in has) != ("p" in has):
        raise SpecError(f"time_format: {text!r}: %I and %p need each other")
    if _CLOCK.search(text) is None and has & set("MSf"):
        raise SpecError(f"time_format: {text!r} has minutes or seconds, but no hour: add %H, or %I and %p")


def parse_times(values: pl.Series, format: str) -> pl.Series:
    """Parse times: Datetime with microseconds, in UTC if the format has an offset; null if a value does not fit.

    Args:
        values: Text or numbers. Date and Datetime columns are returned unchanged.
    """
    import polars as pl

    if values.dtype.is_temporal():
        return values
    texts = values.cast(pl.String(), strict=False).str.strip_chars()
    code = re.sub(r"%-(?=[a-zA-Z])", "%", format).replace(".%f", "%.f").strip()
    if _CLOCK.search(code) is None:
        times = texts.str.to_date(code, strict=False).cast(pl.Datetime("us"))
    else:
        if not re.search(r"%[MTR]", code):  # Polars needs minutes with the hour
            texts, code = texts + ":00", code + ":%M"
        times = texts.str.to_datetime(code, strict=False, time_unit="us")
    year = times.dt.year()
    return times.set(~year.is_between(*_YEARS).fill_null(False), None)


def proposal(values: pl.Series, option: str | None) -> str:
    """A proposal for the end of a message: formats that fit a sample of the texts; empty if none fits.

    Args:
        option: The option for the format; None if the user cannot set it.
    """
    import polars as pl

    if option is None or not isinstance(values.dtype, pl.String | pl.Categorical | pl.Enum):
        return ""
    texts = values.cast(pl.String()).drop_nulls().unique(maintain_order=True)
    sample = texts.gather_every(max(1, len(texts) // _SAMPLE))
    if not len(sample):
        return ""
    fitting = [format for format in FORMATS if not parse_times(sample, format).null_count()]
    if not fitting:
        return ""
    exchanged = fitting[0].translate(str.maketrans("md", "dm"))
    if exchanged == fitting[0] or exchanged not in fitting:
        return f"; set {override(option, fitting[0])}"
    both = (override(option, format) for format in (fitting[0], exchanged))
    return f"; set {' if the month comes first, or '.join(both)} if the day comes first"
