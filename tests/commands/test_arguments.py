from __future__ import annotations

import argparse
from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from recframe.commands.arguments import unix_seconds


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_in_any_usual_form_is_its_unix_seconds(time: datetime) -> None:
    seconds = (time.replace(microsecond=0) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    whole = time.replace(microsecond=0)
    for text in (str(int(seconds)), whole.isoformat(), whole.replace(tzinfo=None).isoformat(sep=" ")):
        assert unix_seconds(text) == seconds
    assert unix_seconds("2026-03-01T08:30+02:00") == unix_seconds("2026-03-01T06:30")


def test_other_texts_are_refused() -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="'tomorrow' is not a time"):
        unix_seconds("tomorrow")
