"""The one sort against Python's own, and distinct numbers against NumPy's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from recframe.interactions.sorting import distinct_integers, order_by

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
