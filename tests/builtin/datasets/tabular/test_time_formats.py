"""Times in a format of the user's: as Python's own strptime reads them, and the format that a message proposes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings, strategies as st

from recframe.builtin.datasets.tabular import from_table
from recframe.builtin.datasets.tabular.options import RowOptions
from recframe.errors import DataError, SpecError

FORMATS = (
    *("%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d.%m.%Y", "%Y%m%d%H%M%S", "%m/%d/%y %H:%M", "%Y-%m-%d %H"),
    *("%m/%d/%Y %I:%M:%S %p", "%I:%M %p, %d %b %Y", "%B %d, %Y", "%a, %d %b %Y %H:%M:%S %z", "%d/%b/%Y:%H:%M:%S %z"),
    *("%a %b %d %H:%M:%S %z %Y", "%Y.%j", "%Y-%m-%dT%H:%M:%S.%f"),
)
PAST = st.datetimes(datetime(1971, 1, 2), datetime(2026, 1, 1))


def frame_of(values: list[Any]) -> pl.DataFrame:
    return pl.DataFrame({"user": ["a"] * len(values), "item": ["b"] * len(values), "timestamp": values})


def seconds(text: str, format: str) -> int:
    """As the standard library reads it."""
    moment = datetime.strptime(text, format)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() // 1)


@settings(deadline=None)
@given(moments=st.lists(PAST, min_size=1), format=st.sampled_from(FORMATS), bare=st.booleans())
def test_times_are_read_as_strptime_reads_them(moments: list[datetime], format: str, bare: bool) -> None:
    texts = [moment.replace(tzinfo=UTC).strftime(format) for moment in moments]
    if bare and not any(code in format for code in ("%Y%m", "%y", "%j")):  # without leading zeros
        texts = [re.sub(r"(^|[/ ,])0(?=\d)", r"\1", text) for text in texts]
    data = from_table(frame_of(texts), time_format=format)
    assert data.timestamp.tolist() == sorted(seconds(text, format) for text in texts)


def test_text_of_any_case_and_blanks_around_it() -> None:
    data = from_table(frame_of([" 12/1/2010 8:26 pm", "12/01/2010 08:26 AM "]), time_format="%m/%d/%Y %I:%M %p")
    assert data.timestamp.tolist() == [1291191960, 1291235160]


WRONG = [
    "2010-12-01",
    "13/1/2010 8:26",
    "2/30/2010 8:26",
    "12/1/2010",
    "12/1/2010 8:61",
    "12/1/2010 8:26 x",
    "1/1/10 8:26",
    "",
]


@pytest.mark.parametrize("value", WRONG)
def test_a_value_that_does_not_fit_is_a_bad_row(value: str) -> None:
    frame = frame_of(["12/1/2010 8:26", value])
    format = "%m/%d/%Y %H:%M"
    with pytest.raises(
        DataError, match=rf"row 2, column timestamp: .* is not a time in the format '{format}'; correct"
    ):
        from_table(frame, time_format=format)
    data = from_table(frame, time_format=format, on_error="skip")
    assert data.timestamp.tolist() == [1291191960]
    assert any(note.startswith("1 of 2 rows were skipped") for note in data.notes)


def test_numbers_may_be_days_and_times_stay_times() -> None:
    assert from_table(frame_of([20101201, 20101202]), time_format="%Y%m%d").timestamp.tolist() == [
        1291161600,
        1291248000,
    ]
    moment = datetime(2010, 12, 1, 8, 26)
    assert from_table(frame_of([moment]), time_format="%m/%d/%Y").timestamp.tolist() == [1291191960]


NO_FORMATS = {
    "%H:%M": "has no day",
    "%m/%d": "has no day",
    "%Y-%m": "has no day",
    "soon": "has no day",
    "%Y-%m-%d %Q": "%Q is not a code; the codes are %Y, ",
    "%Y-%m-%d %": "% is not a code",
    "%Y-%m-%d %H:%M %Z": "use %z",
    "%Y-%m-%d %I:%M": "%I and %p need each other",
    "%Y-%m-%d %M": "no hour",
    "%Y-%m-%d %H:%M:%S,%f": "%f must follow a point",
}


@pytest.mark.parametrize(("format", "message"), NO_FORMATS.items(), ids=NO_FORMATS)
def test_formats_that_tell_no_time(format: str, message: str) -> None:
    with pytest.raises(SpecError) as refusal:
        RowOptions(time_format=format)
    assert str(refusal.value).startswith(f"time_format: {format!r}")
    assert message in str(refusal.value)


PROPOSED = {
    "month first": (["12/1/2010 8:26", "12/13/2010 18:26"], ["%m/%d/%Y %H:%M"]),
    "day first": (["1/12/2010 8:26", "13/12/2010 18:26"], ["%d/%m/%Y %H:%M"]),
    "either": (["1/12/2010 8:26", "2/11/2010 18:26"], ["%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M"]),
    "two digits": (["12/31/10", "1/2/09"], ["%m/%d/%y"]),
    "halves of a day": (["11/30/2019 9:05:58 AM"], ["%m/%d/%Y %I:%M:%S %p"]),
    "points": (["31.12.2010 23:59"], ["%d.%m.%Y %H:%M"]),
    "words": (["9 Sep 2009", "10 May 2009"], ["%d %b %Y"]),
    "a log": (["06/Nov/1994:08:49:37 +0100"], ["%d/%b/%Y:%H:%M:%S %z"]),
    "posts": (["Sun Nov 06 08:49:37 +0000 1994"], ["%a %b %d %H:%M:%S %z %Y"]),
    "no zeros": (["2010-1-2 8:00:01"], ["%Y-%m-%d %H:%M:%S"]),
}


@pytest.mark.parametrize(("values", "formats"), PROPOSED.values(), ids=PROPOSED)
def test_the_format_that_fits_is_proposed(values: list[str], formats: list[str]) -> None:
    with pytest.raises(DataError, match="is not a time") as refusal:
        from_table(frame_of(values * 3))
    assert re.findall(r"dataset\.time_format='\"(.*?)\"'", str(refusal.value)) == formats
    for format in formats:
        assert len(from_table(frame_of(values), time_format=format).timestamp) == len(values)


@pytest.mark.parametrize("values", [["soon", "later"], ["2010-01-01", "2010-01-01", "1/2/2010"], [None, None]])
def test_no_format_is_proposed_where_none_fits_or_most_are_times(values: list[Any]) -> None:
    with pytest.raises(DataError) as refusal:
        from_table(frame_of(values))
    assert "time_format" not in str(refusal.value)
