from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from recframe.errors import DataError
from recframe.interactions.interactions import Interactions
from recframe.interactions.ordering import EqualTimes
from tests.data.strategies import interactions


@given(interactions())
def test_events_are_grouped_by_user_and_sorted_by_time(data: Interactions) -> None:
    assert data.offsets[0] == 0
    assert data.offsets[-1] == data.num_events
    for start, end in zip(data.offsets, data.offsets[1:], strict=False):
        assert (np.diff(data.timestamp[start:end]) >= 0).all()


def test_equal_times_keep_the_order_of_the_file_where_it_is_asked_for() -> None:
    data = Interactions.from_columns(
        np.array([1, 1, 1]), np.array([2, 0, 1]), np.array([5, 5, 5]), {"id": np.array([10, 11, 12])}, seed=None
    )
    assert data.item.tolist() == [2, 0, 1]


def test_no_interactions_are_refused() -> None:
    with pytest.raises(DataError, match="no interactions"):
        Interactions.from_columns(np.array([]), np.array([], int), np.array([], int), {"id": np.array([1])})


def test_an_unknown_source_names_those_that_exist() -> None:
    data = Interactions.from_columns(np.array([1]), np.array([0]), np.array([5]), {"id": np.array([10])})
    with pytest.raises(DataError, match=r"no column 'genre'.*item"):
        data.column("genre")


@given(st.integers(0, 9999), st.floats(0, 1))
@settings(deadline=None)
def test_some_of_the_events_are_as_if_the_others_had_never_been(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    user, item, time = (rng.integers(0, high, 40) for high in (8, 5, 6))
    kept, ids, stars = rng.random(40) < share, {"id": np.arange(5)}, {"stars": rng.random(40)}
    if not kept.any():
        kept[0] = True
    whole = Interactions.from_columns(user, item, time, ids, stars, seed=None)
    places = np.lexsort((time, user))
    some = whole.only(kept[places])
    expected = Interactions.from_columns(
        user[kept], item[kept], time[kept], ids, {"stars": stars["stars"][kept]}, seed=None
    )
    for name in ("offsets", "item", "timestamp", "user_ids"):
        np.testing.assert_array_equal(getattr(some, name), getattr(expected, name))
    np.testing.assert_array_equal(some.events["stars"], expected.events["stars"])
    assert some.equal_times is not None
    assert expected.equal_times is not None
    np.testing.assert_array_equal(some.equal_times.as_before, expected.equal_times.as_before)


def test_events_of_one_row_do_not_count_as_equal_times_without_the_event_between_them() -> None:
    user, time = np.zeros(4, int), np.full(4, 7)
    equal = EqualTimes.of(user, time, "file", 0, rows=np.array([0, 0, 0, 1]))
    kept = np.array([True, False, True, True])
    assert equal.only(kept, user[kept], time[kept]).as_before.tolist() == [False, False, True]
