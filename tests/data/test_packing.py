from __future__ import annotations

import numpy as np
from hypothesis import given, settings, strategies as st

from recframe.data.packing import one_per_row, pack_best_fit, row_length

COUNTS = st.lists(st.integers(1, 12), max_size=60).map(lambda counts: np.array(counts, np.int64))


@given(COUNTS, st.integers(12, 30), st.integers(0, 99))
@settings(deadline=None)
def test_every_piece_stands_in_one_row_whole_and_in_order(count: np.ndarray, length: int, seed: int) -> None:
    rows = pack_best_fit(count, length, np.random.default_rng(seed))
    assert sorted(rows.pieces.tolist()) == list(range(len(count)))
    first = np.cumsum(count) * 100  # far apart, so that an event names its piece
    events, segments = rows.steps(np.arange(len(rows)), first, count)
    read = []
    for row, numbers in zip(events, segments, strict=True):
        used = int((numbers > 0).sum())
        assert (row[used:] == -1).all(), "padding comes last"
        for number in range(1, int(numbers.max(initial=0)) + 1):
            read.append(tuple(row[numbers == number].tolist()))
    expected = [tuple(range(begin, begin + steps)) for begin, steps in zip(first.tolist(), count.tolist(), strict=True)]
    assert sorted(read) == sorted(expected)


@given(COUNTS, st.integers(12, 30), st.integers(0, 99))
@settings(deadline=None)
def test_two_rows_that_fit_into_one_do_not_stay_apart(count: np.ndarray, length: int, seed: int) -> None:
    rows = pack_best_fit(count, length, np.random.default_rng(seed))
    used = np.sort(np.add.reduceat(count[rows.pieces], rows.offsets[:-1])) if len(rows) else np.zeros(0)
    assert len(used) < 2 or used[0] + used[1] > length


def test_rows_of_a_piece_each_and_empty_rows() -> None:
    first, count = np.array([10, 20, 30]), np.array([2, 3, 1])
    events, segments = one_per_row(count, 4).steps(np.array([2, -1, 0]), first, count)
    assert events.tolist() == [[30, -1, -1, -1], [-1, -1, -1, -1], [10, 11, -1, -1]]
    assert segments.tolist() == [[1, 0, 0, 0], [0, 0, 0, 0], [1, 1, 0, 0]]


def test_a_row_is_longer_than_the_longest_piece_where_two_would_not_fit() -> None:
    assert row_length(np.full(100, 30), 30, 1024) == 30
    assert row_length(np.array([50] + [30] * 1000), 50, 1024) > 50
    assert row_length(np.array([50] + [30] * 1000), 50, 50) == 50
    assert row_length(np.full(100, 30), 50, 1024) >= 50
    assert row_length(np.zeros(0, np.int64), 1, 10) == 1


def test_short_histories_leave_next_to_no_padding() -> None:
    count = np.minimum(np.random.default_rng(0).geometric(0.15, 20_000), 50)
    rows = pack_best_fit(count, row_length(count, 50, 1024), np.random.default_rng(1))
    assert count.sum() / (len(rows) * rows.length) > 0.95
