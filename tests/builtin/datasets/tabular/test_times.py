"""Times to the last digit: every unit and type gives the order of the whole numbers, as Python sorts them."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings, strategies as st

from recframe.builtin.datasets.tabular import from_table
from recframe.builtin.datasets.tabular.times import PER_SECOND, to_nanoseconds
from recframe.errors import DataError
from tests.builtin.datasets.tabular.tables import read, write

NANO = 10**9
START = 1_433_221_200  # a second, around which many times are drawn, so that they differ in their fractions alone


def moments(digits: int) -> st.SearchStrategy[list[int]]:
    """Nanoseconds with so many digits behind the second."""
    unit = 10 ** (9 - digits)
    near = st.integers(START * NANO // unit, (START + 3) * NANO // unit)
    return st.lists(near | st.integers(0, 1_700_000_000 * NANO // unit), min_size=1, max_size=30).map(
        lambda values: [value * unit for value in values]
    )


def fraction(value: int, digits: int) -> str:
    return f"{value // NANO}.{value % NANO:09}"[: -(9 - digits) or None]


def iso(value: int, digits: int, mark: str = ".", zone: str = "Z", hours: int = 0) -> str:
    moment = datetime(1970, 1, 1) + timedelta(seconds=value // NANO, hours=hours)
    return moment.isoformat() + mark + f"{value % NANO:09}"[:digits] + zone


def numbers(per_second: int, kind: Any) -> Any:
    return lambda values: pl.Series([value * per_second // NANO for value in values], dtype=kind)


def date_times(unit: Any, zone: str | None) -> Any:
    def series(values: list[int]) -> pl.Series:
        whole = pl.Series([value * PER_SECOND[unit] // NANO for value in values], dtype=pl.Int64)
        return whole.cast(pl.Datetime(unit)).dt.replace_time_zone(zone and "UTC").dt.convert_time_zone(zone or "UTC")

    return series


def texts(of: Any) -> Any:
    return lambda values: pl.Series([of(value) for value in values], dtype=pl.String)


#: By name: digits behind the second, a Series of times in nanoseconds, and dataset.time_unit.
FORMS: dict[str, tuple[int, Any, str]] = {
    "seconds": (0, numbers(1, pl.Int64), "s"),
    "seconds in 32 bits": (0, numbers(1, pl.UInt32), "s"),
    "milliseconds": (3, numbers(10**3, pl.Int64), "ms"),
    "milliseconds without sign": (3, numbers(10**3, pl.UInt64), "ms"),
    "microseconds": (6, numbers(10**6, pl.Int64), "us"),
    "nanoseconds": (9, numbers(NANO, pl.Int64), "ns"),
    "nanoseconds without sign": (9, numbers(NANO, pl.UInt64), "ns"),
    "nanoseconds in 128 bits": (9, numbers(NANO, pl.Int128), "ns"),
    "seconds as floats": (6, lambda values: pl.Series([value / NANO for value in values], dtype=pl.Float64), "s"),
    "milliseconds as floats": (6, lambda values: pl.Series([v / 10**6 for v in values], dtype=pl.Float64), "ms"),
    "decimals": (
        9,
        lambda values: pl.Series([Decimal(v).scaleb(-9) for v in values], dtype=pl.Decimal(30, 9)),
        "s",
    ),
    "text of nanoseconds": (9, texts(str), "ns"),
    "text of milliseconds": (3, texts(lambda value: str(value // 10**6)), "ms"),
    "text with a point": (9, texts(lambda value: fraction(value, 9)), "s"),
    "text with an exponent": (9, texts(lambda value: f"{Decimal(value):.18e}"), "ns"),
    "text with a point and an exponent": (9, texts(lambda value: fraction(value, 9) + "e3"), "ms"),
    "ISO of milliseconds": (3, texts(lambda value: iso(value, 3)), "s"),
    "ISO with a comma": (6, texts(lambda value: iso(value, 6, ",", "")), "s"),
    "ISO of nanoseconds in Tokyo": (9, texts(lambda value: iso(value, 9, ".", "+09:00", 9)), "s"),
    "ISO of 12 digits": (9, texts(lambda value: iso(value, 9, ".", "123")), "s"),
    **{
        f"Datetime {unit} {zone}": (digits, date_times(unit, zone), "s")
        for unit, digits in (("ms", 3), ("us", 6), ("ns", 9))
        for zone in (None, "Asia/Kolkata")
    },
}


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_events_stand_in_the_order_of_the_full_time(form: str, data: st.DataObject) -> None:
    digits, series, unit = FORMS[form]
    times = data.draw(moments(digits))
    frame = pl.DataFrame({"user": ["u"] * len(times), "item": range(len(times)), "timestamp": series(times)})
    expected = sorted(range(len(times)), key=lambda place: times[place])
    made = from_table(frame, time_unit=unit, ties="file")
    assert made.items["id"][made.item].tolist() == expected
    assert made.timestamp.tolist() == [times[place] // NANO for place in expected]
    equal = [before >= 0 and times[expected[before]] == times[place] for before, place in enumerate(expected, -1)]
    assert made.equal_times is not None
    assert made.equal_times.as_before.tolist() == equal


@pytest.mark.parametrize(
    ("ending", "form"),
    [
        *(("csv", name) for name in ("milliseconds", "text with a point", "text of nanoseconds", "seconds as floats")),
        *(("jsonl", name) for name in ("nanoseconds", "seconds as floats", "ISO with a comma")),
        *(("parquet", name) for name in ("nanoseconds without sign", "Datetime ns None", "Datetime ms Asia/Kolkata")),
    ],
)
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_files_keep_the_full_time(ending: str, form: str, data: st.DataObject) -> None:
    digits, series, unit = FORMS[form]
    times = data.draw(moments(digits))
    frame = pl.DataFrame({"user": ["u"] * len(times), "item": range(len(times)), "timestamp": series(times)})
    with TemporaryDirectory() as folder:
        made = read(write(frame, Path(folder, f"x.{ending}")), time_unit=unit, ties="file")
    assert made.items["id"][made.item].tolist() == sorted(range(len(times)), key=lambda place: times[place])


NUMBERS = st.from_regex(r"-?(0|[1-9][0-9]{0,11})(\.[0-9]{0,25})?([eE][+-]?[0-6])?", fullmatch=True)


@settings(deadline=None)
@given(texts=st.lists(NUMBERS, min_size=1, max_size=20), unit=st.sampled_from(sorted(PER_SECOND)))
def test_numbers_as_text_are_exact(texts: list[str], unit: str) -> None:
    exact = [math.floor(Fraction(text) * NANO / PER_SECOND[unit]) for text in texts]
    got = to_nanoseconds(pl.Series(texts), unit).to_list()
    for value, expected in zip(got, exact, strict=True):
        if abs(expected) < 2**63:
            assert value == expected
        else:
            assert abs(value) > 9e18
            assert (value > 0) == (expected > 0)


@settings(deadline=None)
@given(st.lists(st.floats(-1e12, 1e12), min_size=2, max_size=20), st.sampled_from(sorted(PER_SECOND)))
def test_floats_keep_their_order(values: list[float], unit: str) -> None:
    values = [value for value in values if abs(value) * NANO / PER_SECOND[unit] < 9e18]
    got = to_nanoseconds(pl.Series(values, dtype=pl.Float64), unit).to_list()
    for value, nanoseconds in zip(values, got, strict=True):
        exact = Fraction(value) * NANO / PER_SECOND[unit]
        assert exact - 2 < nanoseconds < exact + 1
    assert [t for _, t in sorted(zip(values, got, strict=True))] == sorted(got)


FAR: dict[str, tuple[Any, str, str]] = {
    "milliseconds as seconds": (1_433_261_721_734, "s", "set dataset.time_unit=ms"),
    "microseconds as seconds": (1_433_261_721_734_567, "s", "set dataset.time_unit=ms"),
    "nanoseconds as seconds": (1_433_261_721_734_567_891, "s", "set dataset.time_unit=ms"),
    "nanoseconds as milliseconds": (1_433_261_721_734_567_891, "ms", "is dataset.time_unit=ms right?"),
    "text of milliseconds": ("1433261721734", "s", "set dataset.time_unit=ms"),
    "text of many digits": ("9" * 40, "s", "set dataset.time_unit=ms"),
    "a float of milliseconds": (1_433_261_721_734.5, "s", "set dataset.time_unit=ms"),
    "a huge float": (1e200, "s", "set dataset.time_unit=ms"),
    "the year 9999": (datetime(9999, 12, 31), "s", "is in the future; correct or remove it"),
    "ISO of 9999": ("9999-12-31T23:59:59.9", "s", "is in the future; correct or remove it"),
    "ISO of 2263": ("2263-01-01", "s", "is in the future; correct or remove it"),
    "the year 1": (datetime(1, 1, 1), "s", "is a time before 1970"),
    "ISO of the year 1": ("0001-01-01", "s", "is a time before 1970"),
    "a moment before 1970": (datetime(1969, 12, 31, 23, 59, 59, 999_999), "s", "is a time before 1970"),
    "a little before 1970": ("-0.0000000001", "s", "is a time before 1970"),
    "an infinite time": (math.inf, "s", "is not a time"),
}


@pytest.mark.parametrize(("value", "unit", "message"), FAR.values(), ids=FAR)
def test_times_too_far_away_are_refused_for_what_they_are(value: Any, unit: str, message: str) -> None:
    frame = pl.DataFrame({"user": [1], "item": [1], "timestamp": [value]})
    with pytest.raises(DataError) as refusal:
        from_table(frame, time_unit=unit)
    assert message in str(refusal.value)


def test_unsigned_numbers_beyond_int64_lie_in_the_future() -> None:
    frame = pl.DataFrame({"user": [1], "item": [1], "timestamp": pl.Series([2**64 - 1], dtype=pl.UInt64)})
    with pytest.raises(DataError, match="is in the future"):
        from_table(frame, time_unit="ms")


def test_a_clock_that_is_ahead_by_hours_is_no_future() -> None:
    ahead = int(time.time()) + 7_200
    frame = pl.DataFrame({"user": [1, 2], "item": [1, 1], "timestamp": [ahead, 5]})
    assert from_table(frame).timestamp.tolist() == [ahead, 5]


def test_a_feature_of_a_far_day_is_the_day() -> None:
    days = [datetime(9999, 12, 31, tzinfo=UTC), datetime(1600, 1, 1, tzinfo=UTC)]
    frame = pl.DataFrame({"user": [1, 1], "item": [1, 2], "timestamp": [1, 2], "valid_until": days})
    assert from_table(frame).events["valid_until"].tolist() == [int(day.timestamp()) for day in days]
