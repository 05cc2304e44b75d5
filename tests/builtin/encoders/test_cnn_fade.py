"""The maximum of `cnn` that fades with the events since."""

import numpy as np
import pytest
import tensorflow as tf

from recframe.builtin.encoders.cnn_layer import CnnEncoder

RNG = np.random.default_rng(5)
# Padding in front, behind, in the middle, and nothing but padding.
MASK = np.array([[0, 0, 1, 1, 1, 1], [1, 1, 1, 0, 0, 0], [1, 0, 1, 0, 0, 1], [0, 0, 0, 0, 0, 0]], bool)


@pytest.fixture
def layer() -> CnnEncoder:
    layer = CnnEncoder([7, 5], kernel=2, fade=True)
    layer.build((None, 6, 3))
    for weight in layer.weights:
        weight.assign(RNG.normal(size=weight.shape))
    return layer


def test_a_step_is_the_larger_of_its_own_and_the_faded(layer: CnnEncoder) -> None:
    steps = RNG.normal(size=(4, 6, 3)).astype(np.float32)
    faded = layer._convolve(tf.constant(steps), tf.constant(MASK)).numpy()
    rates = 1 / (1 + np.exp(-layer.fade.numpy()))
    expected = np.zeros((4, 6, 5))
    for row in range(4):
        last = np.zeros(5)
        for step in range(6):
            if MASK[row, step]:
                last = np.maximum(faded[row, step], rates * last)
            expected[row, step] = last
    np.testing.assert_allclose(layer(steps, mask=tf.constant(MASK)), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(layer.last(tf.constant(steps), tf.constant(MASK)), expected[:, -1], rtol=1e-5, atol=1e-6)


def test_the_latest_counts_for_more_only_where_it_fades() -> None:
    """Two events far enough apart that no filter sees both."""
    steps = np.zeros((2, 8, 1), np.float32)
    steps[0, 1], steps[0, 7] = 1, 2
    steps[1, 1], steps[1, 7] = 2, 1
    mask = tf.ones((2, 8), tf.bool)
    for fade in (True, False):
        layer = CnnEncoder([4], kernel=2, fade=fade)
        layer.build((None, 8, 1))
        layer.convolutions[0].kernel.assign(tf.ones_like(layer.convolutions[0].kernel))
        first, second = layer.last(tf.constant(steps), mask).numpy()
        assert (first == second).all() != fade
        assert (first >= second).all()


def test_each_filter_starts_at_a_rate_of_its_own_and_learns_it(layer: CnnEncoder) -> None:
    fresh = CnnEncoder([6], kernel=2, fade=True)
    fresh.build((None, 6, 3))
    rates = tf.sigmoid(fresh.fade).numpy()
    assert (np.diff(rates) > 0).all()
    assert 0.49 < rates[0] < rates[-1] < 0.96
    # What the filters find at first, they find in none of the later events: it only fades.
    steps = tf.ones((1, 6, 3)) * [[[1.0], [0], [0], [0], [0], [0]]]
    with tf.GradientTape() as tape:
        cost = tf.reduce_sum(fresh(steps, mask=tf.ones((1, 6), tf.bool)))
    moved = tape.gradient(cost, fresh.fade).numpy()
    alive = (fresh._convolve(steps, tf.ones((1, 6), tf.bool)).numpy()[0] > 0).any(axis=0)
    assert alive.any()
    assert (moved[alive] > 0).all(), "a slower fade leaves more of what was"
    assert (moved[~alive] == 0).all()
