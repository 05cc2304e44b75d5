"""The block computes what it says, and refuses a layer that cannot be trained in packed rows."""

from __future__ import annotations

import doctest

import keras
import numpy as np
import pytest
import tensorflow as tf

import recframe
from recframe.errors import PluginError
from recframe.model import residual_block

FEATURES = 3


def block(units: int, feed_forward: int = 2, dropout: float = 0.0) -> recframe.ResidualBlock:
    keras.utils.set_random_seed(1)
    layer = keras.layers.GRU(units, return_sequences=True, name="gru")
    made = recframe.ResidualBlock(layer, units, feed_forward, dropout)
    made(tf.zeros((1, 2, FEATURES)), mask=tf.ones((1, 2), tf.bool))
    return made


def normed(values: np.ndarray) -> np.ndarray:
    return np.asarray(values / np.sqrt(np.mean(values**2, axis=-1, keepdims=True) + 1e-6))


@pytest.mark.parametrize("units", [FEATURES, 5])
def test_a_block_is_its_formula(units: int) -> None:
    made = block(units)
    steps = np.random.default_rng(0).normal(0, 9, (2, 7, FEATURES)).astype(np.float32)
    mask = tf.ones((2, 7), tf.bool)
    assert (made.shortcut is None) == (units == FEATURES)
    x = steps if made.shortcut is None else steps @ np.asarray(made.shortcut.kernel)
    x = x + np.asarray(made.layer(tf.constant(normed(steps)), mask=mask))
    wide = normed(x) @ np.asarray(made.feed_forward.wide.kernel)
    x = x + wide / (1 + np.exp(-wide)) @ np.asarray(made.feed_forward.narrow.kernel)
    np.testing.assert_allclose(made(tf.constant(steps), mask=mask), normed(x), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(made.last(tf.constant(steps), mask), normed(x)[:, -1], rtol=1e-4, atol=1e-5)


def test_dropout_acts_in_training_alone() -> None:
    made, steps, mask = block(4, dropout=0.5), tf.ones((1, 6, FEATURES)), tf.ones((1, 6), tf.bool)
    np.testing.assert_array_equal(made(steps, mask=mask), made(steps, mask=mask))
    assert not np.allclose(made(steps, mask=mask, training=True), made(steps, mask=mask))


def test_a_block_within_a_block_is_an_encoder() -> None:
    inner = recframe.ResidualBlock(keras.layers.LSTM(4, return_sequences=True), units=4, name="inner")
    outer = recframe.ResidualBlock(inner, units=4, feed_forward=0)
    steps = np.random.default_rng(0).normal(size=(1, 6, FEATURES)).astype(np.float32)
    mask = np.array([[False, True, True, False, True, False]])
    vectors = outer(tf.constant(steps), mask=tf.constant(mask))
    np.testing.assert_allclose(vectors[:, -1], outer.last(tf.constant(steps), tf.constant(mask)), rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(vectors[0, 0], np.zeros(4))
    np.testing.assert_array_equal(vectors[0, 3], vectors[0, 2])


@pytest.mark.parametrize(
    "layer", [keras.layers.Dense(4), keras.layers.GRU(4), keras.layers.GRU(4, return_sequences=True, dropout=0.1)]
)
def test_a_layer_that_cannot_be_packed_is_refused(layer: keras.layers.Layer) -> None:
    with pytest.raises(PluginError, match=r"return_sequences=True and without dropout, or .* `packed`, but not <"):
        recframe.ResidualBlock(layer, units=4)


def test_the_example_runs() -> None:
    result = doctest.testmod(residual_block)
    assert result.attempted
    assert not result.failed


@pytest.mark.parametrize("units", [8, 256])
def test_the_parts_start_alike_at_any_width(units: int) -> None:
    """What a part adds at first is neither lost beside x nor drowns it."""
    steps, mask = tf.random.stateless_normal((16, 20, units), (1, 2)), tf.ones((16, 20), tf.bool)
    layer, part = keras.layers.GRU(units, return_sequences=True), recframe.FeedForward(units)
    for added in (layer(steps, mask=mask), part(steps) - steps):
        assert 0.1 < float(tf.sqrt(tf.reduce_mean(added**2))) < 1.0
