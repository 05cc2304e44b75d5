"""The mean of `bow` in which old steps weigh less."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings, strategies as st

from recframe.builtin.encoders.bow import BowOptions, recframe_encoders
from recframe.builtin.encoders.bow_layer import BowEncoder
from recframe.testing import EncoderContract

FEATURES = 3


class TestBowThatDecays(EncoderContract):
    contribution = next(iter(recframe_encoders()))
    options = BowOptions(decay=True)


def decaying(seed: int = 0) -> BowEncoder:
    layer = BowEncoder(decay=True)
    layer.build((None, None, FEATURES))
    layer.logits.assign(np.random.default_rng(seed).normal(0, 2, FEATURES))
    return layer


def by_hand(steps: np.ndarray, mask: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """The vectors of one history, step after step."""
    decay = 1 / (1 + np.exp(-logits.astype(np.float64)))
    weighted, weight, vectors = np.zeros(FEATURES), np.zeros(FEATURES), []
    for step, real in zip(steps, mask, strict=True):
        if real:
            weighted, weight = step + decay * weighted, 1 + decay * weight
        vectors.append(weighted / np.maximum(weight, 1))
    return np.array(vectors)


@given(st.lists(st.integers(1, 70), min_size=1, max_size=5), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=25)
def test_each_history_of_a_row_has_the_weighted_mean_of_a_loop(lengths: list[int], seed: int) -> None:
    rng, layer, total = np.random.default_rng(seed), decaying(seed), sum(lengths) + 3
    steps, mask = rng.normal(size=(total, FEATURES)).astype(np.float32), rng.random(total) < 0.9
    mask[sum(lengths) :] = False  # padding
    segments = np.repeat([*range(1, len(lengths) + 1), 0], [*lengths, 3]).astype(np.int32)
    packed = layer.packed(steps[None], tf.constant(mask[None]), tf.constant(segments[None]))[0].numpy()
    for number in range(1, len(lengths) + 1):
        own = segments == number
        expected = by_hand(steps[own], mask[own], layer.logits.numpy())
        np.testing.assert_allclose(packed[own], expected, rtol=2e-4, atol=1e-5)
        # Alone, with padding behind it.
        history = np.concatenate([steps[own], rng.normal(size=(5, FEATURES))]).astype(np.float32)[None]
        real = tf.constant(np.concatenate([mask[own], np.zeros(5, bool)])[None])
        for vector in (layer(history, mask=real)[0, -1], layer.last(history, real)[0]):
            np.testing.assert_allclose(vector, expected[-1], rtol=2e-4, atol=1e-5)


@pytest.mark.parametrize("length", [200, 1000])
def test_a_long_history_gives_finite_vectors_and_gradients(length: int) -> None:
    layer, steps = decaying(), tf.random.stateless_normal((2, length, FEATURES), seed=(1, 2))
    layer.logits.assign([-200.0, 0.0, 200.0])  # decays that are 0 and 1 in float32
    with tf.GradientTape() as tape:
        vectors = layer(steps, mask=tf.sequence_mask([length, 3], length))
        cost = tf.reduce_sum(vectors**2)
    assert np.isfinite(vectors).all()
    assert np.isfinite(tape.gradient(cost, layer.logits)).all()
