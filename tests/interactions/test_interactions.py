from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from recframe.errors import DataError
from recframe.interactions.interactions import Interactions
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
