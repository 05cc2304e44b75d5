"""Passes in pieces against NumPy on the whole, whatever the length of a piece."""

from __future__ import annotations

import numpy as np
import pytest

from recframe.interactions import chunks
from recframe.interactions.chunks import look_up, occurrences
from recframe.interactions.file_order import direction_of_time
from recframe.interactions.sorting import distinct_integers, order_by


@pytest.fixture(params=[1, 3, 1000])
def piece(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(chunks, "CHUNK", request.param)
    return int(request.param)


def test_numbers_are_counted_and_looked_up(piece: int) -> None:
    rng = np.random.default_rng(piece)
    values, kept, table = rng.integers(0, 5, 50).astype(np.int32), rng.random(50) < 0.5, rng.random(5)
    assert occurrences(values, 7).tolist() == np.bincount(values, minlength=7).tolist()
    assert occurrences(values, 7, kept).tolist() == np.bincount(values[kept], minlength=7).tolist()
    assert occurrences(values[:0], 2).tolist() == [0, 0]
    assert look_up(table, values, padding=2).tolist() == [*table[values], 0.0, 0.0]


def test_order_and_codes_are_those_of_the_whole(piece: int) -> None:
    rng = np.random.default_rng(piece)
    first, second = rng.integers(-2, 3, 60).astype(np.int32), rng.integers(0, 4, 60) * 10**9
    np.testing.assert_array_equal(order_by(first, second), np.lexsort((second, first)))
    assert order_by(np.sort(first), np.arange(60)) is None
    distinct, codes = distinct_integers(first)
    assert distinct.tolist() == np.unique(first).tolist()
    assert codes.tolist() == np.unique(first, return_inverse=True)[1].tolist()


@pytest.mark.parametrize(("rows", "direction"), [(slice(None), 1), (slice(None, None, -1), -1)])
def test_the_direction_of_time_is_found_across_pieces(piece: int, rows: slice, direction: int) -> None:
    user, times = np.repeat(np.arange(5), 8), np.tile(np.arange(8), 5)
    row = np.arange(40).reshape(5, 8)[:, rows].reshape(-1)
    assert direction_of_time(user, times, row, None) == direction
    row[[3, 4]] = row[[4, 3]]
    assert direction_of_time(user, times, row, None) == 0
