"""The vectors at each step of packed rows, which hold several histories one after another to save padding."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from recframe.model.last_vector import is_recurrent


def can_pack(layer: Any) -> bool:
    """Whether an encoder can read several histories in one row separately."""
    return hasattr(layer, "packed") or is_recurrent(layer)


def packed_vectors(layer: Any, steps: tf.Tensor, mask: tf.Tensor, segments: tf.Tensor) -> tf.Tensor:
    """float32 [rows, length, units]: at each step, the vector of its own history up to and including the step.

    Args:
        layer: A causal encoder. If it has a method `packed(steps, mask, segments)`, that is used. A recurrent Keras
            layer is run cell by cell, and its state is reset at the first step of each history.
        steps: float32 [rows, length, values].
        mask: bool [rows, length].
        segments: int32 [rows, length]; the steps of a history have the same number; neighbouring histories differ.
    """
    return layer.packed(steps, mask, segments) if hasattr(layer, "packed") else _recurrent(layer, steps, mask, segments)


def _recurrent(layer: keras.layers.RNN, steps: tf.Tensor, mask: tf.Tensor, segments: tf.Tensor) -> tf.Tensor:
    first = layer.get_initial_state(tf.shape(steps)[0])
    states = tf.nest.flatten(first)
    empty = [*states, tf.zeros((steps.shape[0], layer.cell.output_size))]
    begins = tf.concat([tf.ones_like(mask[:, :1]), segments[:, 1:] != segments[:, :-1]], axis=1)

    def step(before: list[tf.Tensor], now: tuple[tf.Tensor, tf.Tensor, tf.Tensor]) -> list[tf.Tensor]:
        values, real, begin = now
        kept = [tf.where(begin, start, old) for start, old in zip(empty, before, strict=True)]
        output, after = layer.cell(values, tf.nest.pack_sequence_as(first, kept[:-1]))
        new = [*tf.nest.flatten(after), output]
        return [tf.where(real, value, old) for value, old in zip(new, kept, strict=True)]

    by_step = tf.transpose(steps, [1, 0, 2]), tf.transpose(mask)[..., None], tf.transpose(begins)[..., None]
    return tf.transpose(tf.scan(step, by_step, empty)[-1], [1, 0, 2])
