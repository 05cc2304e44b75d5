"""The vectors are those of attention written out in NumPy, history by history and step by step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings, strategies as st

from recframe_attention import SasrecOptions
from recframe_attention.distances import DistanceBias
from recframe_attention.layer import SasrecEncoder

FEATURES, LONGEST = 5, 12
CHOICES = [
    SasrecOptions(units=4, blocks=1, heads=1, feed_forward=2, dropout=0.0, positions="absolute"),
    SasrecOptions(units=4, blocks=2, heads=2, feed_forward=2, dropout=0.0, positions="absolute", gate=True),
    SasrecOptions(units=6, blocks=2, heads=3, feed_forward=0, dropout=0.0, positions="relative"),
]
each_choice = pytest.mark.parametrize("options", CHOICES, ids=["plain", "gated", "relative"])


def encoder(options: SasrecOptions) -> SasrecEncoder:
    tf.keras.utils.set_random_seed(1)
    layer = SasrecEncoder(options, LONGEST)
    layer(tf.zeros((1, 2, FEATURES)), mask=tf.ones((1, 2), tf.bool))
    for weight in layer.trainable_variables:
        weight.assign_add(np.random.default_rng(2).normal(0, 0.3, weight.shape))
    return layer


def array(values: Any) -> np.ndarray:
    return np.asarray(tf.convert_to_tensor(values), np.float64)


def dense(layer: Any, values: np.ndarray) -> np.ndarray:
    product = values @ array(layer.kernel)
    return product if layer.bias is None else product + array(layer.bias)


def sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))


def norm(values: np.ndarray) -> np.ndarray:
    return (values - values.mean(-1, keepdims=True)) / np.sqrt(values.var(-1, keepdims=True) + 1e-6)


def attention(layer: Any, steps: np.ndarray, real: np.ndarray) -> np.ndarray:
    query, key, value = (dense(part, steps) for part in (layer.query, layer.key, layer.value))
    width, rows = layer.units // layer.heads, []
    for now in range(len(steps)):
        heads = []
        before = [place for place in range(now + 1) if real[place]]
        for head in range(layer.heads):
            own = slice(head * width, (head + 1) * width)
            scores = np.array([query[now, own] @ key[place, own] / np.sqrt(width) for place in before])
            if layer.distances is not None:
                scores += [array(layer.distances.bias)[head, now - place] for place in before]
            weights = np.exp(scores) / np.exp(scores).sum()
            heads.append(sum(weight * value[place, own] for weight, place in zip(weights, before, strict=True)))
        rows.append(np.concatenate(heads) if before else np.zeros(layer.units))
    return dense(layer.leave, np.stack(rows))


def gated(gate: Any, steps: np.ndarray, added: np.ndarray) -> np.ndarray:
    return added if gate is None else sigmoid(dense(gate, steps)) * added


def reference(layer: SasrecEncoder, steps: np.ndarray, real: np.ndarray) -> np.ndarray:
    """[length, units]: the vector at each real step of one history. What stands at the others is not used."""
    steps = steps.astype(np.float64)
    if not layer.relative:
        steps = steps + array(layer.positions)[: len(steps)]
    for block in layer.blocks:
        added = gated(block.gate, steps, attention(block.attention, norm(steps), real))
        steps = (steps if block.shortcut is None else dense(block.shortcut, steps)) + added
        if block.feed_forward is not None:
            wide = array(block.feed_forward.wide.bias) + norm(steps) @ array(block.feed_forward.wide.kernel)
            steps = steps + gated(
                block.feed_forward.gate, steps, dense(block.feed_forward.narrow, wide * sigmoid(wide))
            )
    return norm(steps)


def history(length: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A history with gaps: an unknown item is a padded step between real ones."""
    return rng.normal(size=(length, FEATURES)).astype(np.float32), rng.random(length) < 0.7


@each_choice
@settings(max_examples=4, deadline=None)
@given(length=st.integers(1, LONGEST), seed=st.integers(0, 2**16))
def test_the_vectors_are_those_of_the_definition(options: SasrecOptions, length: int, seed: int) -> None:
    layer = encoder(options)
    steps, real = history(length, np.random.default_rng(seed))
    vectors = layer(tf.constant(steps[None]), mask=tf.constant(real[None]))[0]
    wanted = reference(layer, steps, real)
    for place in range(length):
        latest = np.flatnonzero(real[: place + 1])[-1:]
        expected = wanted[latest[0]] if len(latest) else np.zeros(options.units)
        np.testing.assert_allclose(vectors[place], expected, rtol=1e-4, atol=1e-5)


@each_choice
@settings(max_examples=4, deadline=None)
@given(lengths=st.lists(st.integers(1, 9), min_size=1, max_size=4), seed=st.integers(0, 2**16))
def test_a_shared_row_an_own_row_and_the_last_vector_agree(
    options: SasrecOptions, lengths: list[int], seed: int
) -> None:
    layer, rng = encoder(options), np.random.default_rng(seed)
    histories = [history(length, rng) for length in lengths]
    row, mask = (np.concatenate(parts)[None] for parts in zip(*histories, strict=True))
    segments = np.repeat(np.arange(len(lengths)) % 2, lengths).astype(np.int32)[None]  # a number may come back
    together = np.split(layer.packed(tf.constant(row), tf.constant(mask), tf.constant(segments))[0], np.cumsum(lengths))
    for (steps, real), shared in zip(histories, together, strict=False):
        own = layer(tf.constant(steps[None]), mask=tf.constant(real[None]))[0]
        np.testing.assert_allclose(shared, own, rtol=1e-4, atol=1e-5)
        last = layer.last(tf.constant(steps[None]), tf.constant(real[None]))[0]
        np.testing.assert_allclose(last, own[-1], rtol=1e-4, atol=1e-5)


@each_choice
def test_a_history_longer_than_any_in_training_stays_finite(options: SasrecOptions) -> None:
    layer = encoder(options)
    steps, mask = tf.random.stateless_normal((1, 5 * LONGEST, FEATURES), (1, 2)), tf.ones((1, 5 * LONGEST), tf.bool)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(steps, mask=mask) ** 3)
    gradients = tape.gradient(loss, [weight.value for weight in layer.trainable_variables])
    assert np.isfinite(layer.last(steps, mask)).all()
    assert all(np.isfinite(tf.convert_to_tensor(gradient)).all() for gradient in gradients)


def test_order_matters_to_places_and_to_distances() -> None:
    for options in CHOICES:
        layer = encoder(options)
        steps = tf.random.stateless_normal((1, 6, FEATURES), (3, 4))
        swapped = tf.gather(steps, [1, 0, 2, 3, 4, 5], axis=1)
        mask = tf.ones((1, 6), tf.bool)
        assert not np.allclose(layer.last(steps, mask), layer.last(swapped, mask), atol=1e-4)


def test_at_first_a_far_event_counts_less_and_each_head_forgets_at_its_own_rate() -> None:
    bias = DistanceBias(heads=2, longest=LONGEST)
    bias.build((None, None, FEATURES))
    fast, slow = array(bias.bias)
    assert fast[0] == slow[0] == 0
    assert (np.diff(fast) < np.diff(slow)).all()
    assert (np.diff(slow) < 0).all()
