"""The linear recurrence `h[t] = decay * h[t-1] + x[t]`, in three forms for training and for phones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf


def over_time(inputs: tf.Tensor, decays: tf.Tensor, real: tf.Tensor, begins: tf.Tensor) -> tf.Tensor:
    """The state after each step, float32 [length, batch, units].

    A loop over the steps, with a gradient of its own, which stores one list where TensorFlow's stores one for each
    operation of a step.

    Args:
        inputs: float32 [length, batch, units]; 0 at padded steps.
        decays: float32 [units], in (0, 1).
        real: bool [length, batch, 1]; over a padded step the state stays as it was.
        begins: bool [length, batch, 1]; where a history begins, and the state starts from 0.
    """
    steps, zero = tf.range(inputs.shape[0]), tf.zeros_like(inputs[0])
    # After the last step nothing follows, as before the first step of a history.
    ends = tf.concat([begins[1:], tf.ones_like(begins[:1])], axis=0)
    real_next = tf.concat([real[1:], real[:1]], axis=0)

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def states_of(inputs: tf.Tensor, decays: tf.Tensor) -> tuple[tf.Tensor, Callable[..., Any]]:
        def kept(real: tf.Tensor, begins: tf.Tensor) -> tf.Tensor:
            return tf.where(begins, 0.0, tf.where(real, decays, 1.0))

        states = tf.scan(lambda state, t: kept(real[t], begins[t]) * state + inputs[t], steps, zero)

        def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            def step_back(later: tf.Tensor, t: tf.Tensor) -> tf.Tensor:
                return upstream[t] + kept(real_next[t], ends[t]) * later

            received = tf.scan(step_back, steps, zero, reverse=True)
            before = tf.concat([zero[None], states[:-1]], axis=0)
            decayed = tf.cast(tf.logical_and(real, tf.logical_not(begins)), inputs.dtype)
            return received, tf.reduce_sum(received * before * decayed, axis=[0, 1])

        return states, gradient

    return states_of(inputs, decays)


def by_doubling(inputs: tf.Tensor, decays: tf.Tensor) -> tf.Tensor:
    """The state after each step of histories without gaps, float32 [batch, length, units], in few operators.

    The shift doubles each time: after i shifts, a position has the decayed sum of the last 2^i positions.

    Args:
        inputs: float32 [batch, length, units].
        decays: float32 [units], in (0, 1).
    """
    states, length, shift = inputs, inputs.shape[1], 1
    while shift < length:
        states += decays * tf.pad(states[:, : length - shift], [[0, 0], [shift, 0], [0, 0]])
        decays, shift = decays * decays, 2 * shift
    return states


def at_end(inputs: tf.Tensor, rates: tf.Tensor, since: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    """The state after the last step alone, float32 [batch, units]: one weighted sum.

    Args:
        inputs: float32 [batch, length, units].
        rates: float32 [units]; minus the logarithm of the decays.
        since: float32 [batch, length]; the number of real steps after each.
        mask: bool [batch, length].
    """
    weights = tf.exp(-since[..., None] * rates) * tf.cast(mask, inputs.dtype)[..., None]
    return tf.reduce_sum(weights * inputs, axis=1)
