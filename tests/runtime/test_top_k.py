"""The k largest of a row, compared with a plain sort."""

from __future__ import annotations

import numpy as np
from hypothesis import given, strategies as st

from recframe.runtime.top_k import top_k

VALUES = st.lists(st.sampled_from([-1e30, -1.5, 0.0, 0.25, 0.25000003, 7.0]), max_size=30)


@given(values=VALUES, k=st.integers(1, 12))
def test_it_is_the_beginning_of_a_stable_sort(values: list[float], k: int) -> None:
    wanted = sorted(range(len(values)), key=lambda place: (-values[place], place))[:k]
    assert top_k(np.array(values, np.float64), k).tolist() == wanted


def test_what_is_no_number_comes_last() -> None:
    values = np.array([np.nan, 1.0, np.nan, 2.0])
    assert [top_k(values, k).tolist() for k in (1, 2, 3, 4)] == [[3], [3, 1], [3, 1, 0], [3, 1, 0, 2]]
