"""What is said of the order of events."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from recframe.interactions.interactions import Interactions
from recframe.recommendation.examples import windows_of


def made(times: list[int]) -> Interactions:
    """One user's events, of a seed that the log names."""
    events = len(times)
    return Interactions.from_columns(
        np.zeros(events, int), np.arange(events), np.array(times), {"id": np.arange(events)}, seed=7
    )


def test_no_word_of_an_order_that_the_times_tell(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    windows_of(made([1, 2, 3]), 3)
    assert not caplog.records
    windows_of(made([0, 0, 0]), 3)
    assert "2 of 3 events have the same time as the user's previous event" in caplog.text
    assert "seed 7 draws it" in caplog.text
