"""The one sort against Python's own, and distinct numbers against NumPy's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from recframe.interactions import sorting
from recframe.interactions.sorting import distinct_integers, first_of_pairs, order_by

SCALES = {"small": 1, "seconds as nanoseconds": 10**9, "no common unit": 10**9 + 7, "too large for one key": 2**61 + 1}


@pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES)
@pytest.mark.parametrize(
    "dtypes", [(np.int64, np.int64, np.int64), (np.int32, np.int64, np.int8)], ids=["wide", "mixed"]
)
@given(
    rows=st.lists(st.tuples(st.integers(0, 4), st.integers(-3, 3), st.integers(0, 3)), min_size=1, max_size=40),
    columns=st.integers(2, 3),
)
def test_rows_stand_by_one_column_after_another_and_else_as_they_are(
    scale: int, dtypes: tuple[type, type, type], rows: list[tuple[int, int, int]], columns: int
) -> None:
    scaled = [(first, second * scale, third)[:columns] for first, second, third in rows]
    arrays = [
        np.array(values, dtype) for values, dtype in zip(zip(*scaled, strict=True), dtypes[:columns], strict=True)
    ]
    before = [array.copy() for array in arrays]
    places = order_by(*arrays)
    expected = sorted(range(len(rows)), key=lambda row: scaled[row])
    assert (list(range(len(rows))) if places is None else places.tolist()) == expected
    for array, same in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, same)


def test_what_stands_in_order_needs_no_places() -> None:
    assert order_by(np.array([0, 0, 1]), np.array([5, 5, 2])) is None


@given(values=st.lists(st.integers(-3, 3) | st.integers(-(2**62), 2**62), min_size=1, max_size=30))
def test_distinct_integers_are_numpys(values: list[int]) -> None:
    numbers, codes = distinct_integers(np.array(values, np.int64))
    expected, inverse = np.unique(np.array(values, np.int64), return_inverse=True)
    assert numbers.tolist() == expected.tolist()
    assert codes.tolist() == inverse.tolist()
    assert codes.dtype == np.int32


@given(
    st.lists(st.integers(0, 6), max_size=60),
    st.sampled_from((2, 40, 2**31 - 1)),
    st.sampled_from((1, 3, 20)),
    st.integers(0, 2**32 - 1),
)
def test_the_first_of_equal_pairs_is_that_of_a_loop(groups: list[int], span: int, chunk: int, seed: int) -> None:
    group = np.sort(np.array(groups, np.int64))
    values = np.random.default_rng(seed).choice([0, 1, span - 1], len(group)).astype(np.int32)
    offsets = np.searchsorted(group, np.arange(8))  # some groups have no rows
    wanted, met = [], set()
    for pair in zip(group.tolist(), values.tolist(), strict=True):
        wanted.append(pair not in met)
        met.add(pair)
    before, sorting._CHUNK = sorting._CHUNK, chunk
    try:
        assert first_of_pairs(offsets, values).tolist() == wanted
    finally:
        sorting._CHUNK = before


@pytest.mark.parametrize("spread", [1, 2**20, 2**40])
def test_equal_rows_stay_as_they_are_however_far_numbers_are_spread(spread: int) -> None:
    rng = np.random.default_rng(1)
    first, second = (spread * rng.integers(0, 5, 4_000) + rng.integers(0, 2, 4_000) for _ in range(2))
    for columns in ((first, second), (first, np.sort(second)), (first,)):
        np.testing.assert_array_equal(order_by(*columns), np.lexsort(columns[::-1]))
