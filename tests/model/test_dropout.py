from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from recframe.model.dropout import drop_events, dropout


def _kept(seed: int, rate: float = 0.3, shape: tuple[int, ...] = (64, 50, 32)) -> np.ndarray:
    return np.asarray(dropout(tf.ones(shape), rate, tf.constant(seed, tf.uint32)))


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_drops_the_share_asked_for_and_keeps_the_mean(rate: float) -> None:
    values = _kept(7, rate)
    assert abs((values == 0).mean() - rate) < 0.01
    assert abs(values.mean() - 1) < 0.03
    for axis in (0, 1, 2):
        share = (values == 0).mean(axis=tuple({0, 1, 2} - {axis}))
        assert abs(share - rate).max() < 0.06, "a row, a step or a column stands out"


def test_the_same_seed_drops_the_same_places_and_neighbours_do_not() -> None:
    one = _kept(7) == 0
    np.testing.assert_array_equal(one, _kept(7) == 0)
    for other in (8, 9, 7 + 2**16):
        both = (one & (_kept(other) == 0)).mean()
        assert abs(both - 0.09) < 0.01, "patterns of two seeds are independent"


def test_whole_events_are_hidden_and_the_others_are_not_scaled() -> None:
    steps = np.asarray(drop_events(tf.ones((64, 50, 8)), 0.3, tf.constant(7, tf.uint32)))
    assert abs((steps == 0).mean() - 0.3) < 0.02
    assert set(np.unique(steps.mean(axis=2))) == {0.0, 1.0}


def test_a_rate_of_zero_changes_nothing() -> None:
    assert (_kept(1, 0.0) == 1).all()
