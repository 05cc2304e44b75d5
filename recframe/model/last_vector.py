"""The vector of a whole history from a causal encoder, without those of its prefixes, as it is asked for in serving."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


def last_vector(layer: Any, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    """float32 [batch, units]: what `layer(steps, mask=mask)[:, -1]` is, in the cheapest way that there is.

    Args:
        layer: A causal encoder. Its own `last(steps, mask)` goes first; a recurrent layer of Keras is run cell by cell.
        steps: float32 [batch, length, values].
        mask: bool [batch, length].
    """
    if hasattr(layer, "last"):
        return layer.last(steps, mask)
    return _last_state(layer, steps, mask) if _is_recurrent(layer) else layer(steps, mask=mask)[:, -1]


def _is_recurrent(layer: object) -> bool:
    if not isinstance(layer, keras.layers.RNN) or not layer.return_sequences:
        return False
    return not (layer.go_backwards or layer.stateful or layer.return_state or layer.zero_output_for_mask)


def _last_state(layer: keras.layers.RNN, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    """Keras writes each step's vector into a list, which a phone copies whole at each step.

    Here the same cell keeps nothing but its state, and stops after the last real step: a short history costs little.
    """
    batch, length = steps.shape[0] or tf.shape(steps)[0], steps.shape[1]
    by_step, real = tf.transpose(steps, [1, 0, 2]), tf.transpose(mask)
    end = tf.reduce_max(tf.where(mask, tf.range(1, length + 1)[None], 0))
    states = layer.get_initial_state(batch)
    before = [tf.zeros((batch, layer.cell.output_size)), *tf.nest.flatten(states)]

    def step(at: tf.Tensor, *kept: tf.Tensor) -> tuple[tf.Tensor, ...]:
        found = layer.cell(by_step[at], tf.nest.pack_sequence_as(states, kept[1:]))
        pairs = zip(tf.nest.flatten(found), kept, strict=True)
        return at + 1, *(tf.where(real[at][:, None], new, old) for new, old in pairs)

    return tf.while_loop(lambda at, *_: at < end, step, (tf.constant(0), *before))[1]
