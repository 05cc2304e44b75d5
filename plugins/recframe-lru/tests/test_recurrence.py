"""The recurrence is that of a plain loop, in every form, and so is its gradient."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings, strategies as st

from recframe_lru.layer import LruEncoder
from recframe_lru.recurrence import at_end, by_doubling, over_time

UNITS = 3


def looped(inputs: np.ndarray, decays: np.ndarray, real: np.ndarray, begins: np.ndarray) -> np.ndarray:
    """[length, batch, units]: the definition, step by step."""
    states, state = [], np.zeros_like(inputs[0])
    for now, is_real, begin in zip(inputs, real, begins, strict=True):
        state = np.where(begin, 0, state)
        state = np.where(is_real, decays * state + now, state)
        states.append(state)
    return np.stack(states)


def drawn(length: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    real, begins = rng.random((length, 2, 1)) < 0.8, rng.random((length, 2, 1)) < 0.2
    inputs = rng.normal(size=(length, 2, UNITS)) * real
    return inputs.astype(np.float32), np.float32([0.05, 0.6, 0.999]), real, begins


@settings(max_examples=6, deadline=None)
@given(length=st.sampled_from([1, 2, 7, 20]), seed=st.integers(0, 2**16))
def test_the_loop_of_training_is_the_definition(length: int, seed: int) -> None:
    given_ = drawn(length, seed)
    states = over_time(*map(tf.constant, given_))
    np.testing.assert_allclose(states, looped(*given_), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("length", [1, 2, 5, 32, 50])
def test_doubling_is_the_definition(length: int) -> None:
    inputs, decays, real, begins = drawn(length, 1)
    wanted = looped(inputs, decays, np.ones_like(real), np.zeros_like(begins))
    states = by_doubling(tf.constant(np.swapaxes(inputs, 0, 1)), tf.constant(decays))
    np.testing.assert_allclose(np.swapaxes(states, 0, 1), wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("length", [1, 2, 50])
def test_the_last_state_alone_is_the_definition(length: int) -> None:
    inputs, decays, real, begins = drawn(length, 2)
    wanted = looped(inputs, decays, real, np.zeros_like(begins))[-1]
    mask = real[..., 0].T
    since = (mask.sum(1, keepdims=True) - mask.cumsum(1)).astype(np.float32)
    # What stands at a padded step is not read.
    garbage = np.where(real, inputs, 7.0).astype(np.float32)
    state = at_end(tf.constant(np.swapaxes(garbage, 0, 1)), tf.constant(-np.log(decays)), since, tf.constant(mask))
    np.testing.assert_allclose(state, wanted, rtol=1e-5, atol=1e-5)


def test_the_gradient_is_that_of_differences() -> None:
    inputs, decays, real, begins = drawn(9, 3)
    factors = np.random.default_rng(4).normal(size=inputs.shape)

    def weighted(inputs: np.ndarray, decays: np.ndarray) -> float:
        return float((looped(inputs, decays, real, begins) * factors).sum())

    values, rates = tf.constant(inputs), tf.constant(decays)
    with tf.GradientTape() as tape:
        tape.watch([values, rates])
        states = over_time(values, rates, tf.constant(real), tf.constant(begins))
        loss = tf.reduce_sum(states * tf.constant(factors, tf.float32))
    to_values, to_rates = tape.gradient(loss, [values, rates])
    wide, small = inputs.astype(np.float64), 1e-5
    for at in np.argwhere(real.repeat(UNITS, 2))[::5]:
        change = np.zeros_like(wide)
        change[tuple(at)] = small
        wanted = (weighted(wide + change, decays) - weighted(wide - change, decays)) / (2 * small)
        assert to_values.numpy()[tuple(at)] == pytest.approx(wanted, rel=1e-3, abs=1e-4)
    for unit in range(UNITS):
        change = np.zeros(UNITS)
        change[unit] = small
        wanted = (weighted(wide, decays + change) - weighted(wide, decays - change)) / (2 * small)
        assert to_rates.numpy()[unit] == pytest.approx(wanted, rel=1e-3, abs=1e-4)


def encoder(blocks: int) -> LruEncoder:
    tf.keras.utils.set_random_seed(1)
    layer = LruEncoder(units=4, blocks=blocks, feed_forward=2, dropout=0.0, longest=20)
    layer(tf.zeros((1, 2, 5)), mask=tf.ones((1, 2), tf.bool))
    for weight in layer.trainable_variables:
        weight.assign_add(np.random.default_rng(2).normal(0, 0.3, weight.shape))
    return layer


@pytest.mark.parametrize("blocks", [1, 2])
@settings(max_examples=4, deadline=None)
@given(lengths=st.lists(st.integers(1, 9), min_size=1, max_size=4), seed=st.integers(0, 2**16))
def test_a_shared_row_an_own_row_and_the_last_vector_agree(blocks: int, lengths: list[int], seed: int) -> None:
    """Histories with gaps: an unknown item is a padded step between real ones."""
    layer, rng = encoder(blocks), np.random.default_rng(seed)
    histories = [rng.normal(size=(length, 5)).astype(np.float32) for length in lengths]
    masks = [rng.random(length) < 0.7 for length in lengths]
    row, mask = np.concatenate(histories)[None], np.concatenate(masks)[None]
    segments = np.repeat(np.arange(len(lengths)) % 2, lengths).astype(np.int32)[None]  # a number may come back
    together = np.split(layer.packed(tf.constant(row), tf.constant(mask), tf.constant(segments))[0], np.cumsum(lengths))
    for steps, real, shared in zip(histories, masks, together, strict=False):
        own = layer(tf.constant(steps[None]), mask=tf.constant(real[None]))[0]
        np.testing.assert_allclose(shared, own, rtol=1e-4, atol=1e-5)
        last = layer.last(tf.constant(steps[None]), tf.constant(real[None]))[0]
        np.testing.assert_allclose(last, own[-1], rtol=1e-4, atol=1e-5)


def test_a_long_history_stays_finite() -> None:
    layer = LruEncoder(units=4, blocks=2, feed_forward=2, dropout=0.0, longest=200)
    steps, mask = tf.random.stateless_normal((1, 200, 4), (1, 2)), tf.ones((1, 200), tf.bool)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(steps, mask=mask))
    gradients = tape.gradient(loss, [weight.value for weight in layer.trainable_variables])
    assert np.isfinite(layer.last(steps, mask)).all()
    assert all(np.isfinite(gradient).all() for gradient in gradients)
