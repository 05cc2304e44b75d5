from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st

from recframe.data.interactions import Interactions
from recframe.data.splits import TEST, TRAIN, VALIDATION, Split, split_events
from recframe.errors import DataError
from recframe.specs import SplitSpec
from tests.data.strategies import interactions


def _split(data: Interactions, kind: str) -> Split:
    try:
        return split_events(data, SplitSpec(type=kind, validation_fraction=0.2, test_fraction=0.2), seed=1)
    except DataError:
        assume(False)
        raise


@given(interactions(), st.sampled_from(["leave_one_out", "temporal"]))
def test_no_user_trains_on_what_comes_after_an_evaluation_target(data: Interactions, kind: str) -> None:
    split = _split(data, kind)
    for start, end in zip(data.offsets, data.offsets[1:], strict=False):
        assert (np.diff(split.parts[start:end].astype(int)) >= 0).all()


@given(interactions())
def test_temporal_trains_on_nothing_later_than_any_test_event(data: Interactions) -> None:
    split = _split(data, "temporal")
    latest = data.timestamp[split.parts == TRAIN].max()
    assert latest < data.timestamp[split.parts == VALIDATION].min()
    assert data.timestamp[split.parts == VALIDATION].max() < data.timestamp[split.parts == TEST].min()


@given(interactions())
def test_leave_one_out_takes_the_last_two_events(data: Interactions) -> None:
    split = _split(data, "leave_one_out")
    for start, end in zip(data.offsets, data.offsets[1:], strict=False):
        expected = [TRAIN] * (end - start - 2) + [VALIDATION, TEST] if end - start >= 3 else [TRAIN] * (end - start)
        assert split.parts[start:end].tolist() == expected


def test_random_says_that_it_leaks_and_repeats_with_its_seed() -> None:
    rng = np.random.default_rng(0)
    data = Interactions.from_columns(
        rng.integers(0, 9, 500), rng.integers(0, 5, 500), np.arange(500), {"id": np.arange(5)}
    )
    split = split_events(data, SplitSpec(type="random"), seed=4)
    assert split.leaky
    assert any("future" in note for note in split.notes)
    assert (split.parts == split_events(data, SplitSpec(type="random"), seed=4).parts).all()
    assert (split.parts != split_events(data, SplitSpec(type="random"), seed=5).parts).any()


def test_too_little_data_is_refused_with_the_reason() -> None:
    data = Interactions.from_columns(np.array([1, 1]), np.array([0, 1]), np.array([5, 6]), {"id": np.array([1, 2])})
    with pytest.raises(DataError, match="leaves no validation target"):
        split_events(data, SplitSpec(), seed=1)
