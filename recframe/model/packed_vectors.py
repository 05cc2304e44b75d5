"""The vectors at each step of packed rows, which hold several histories one after another to save padding."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from recframe.model.recurrence import outputs_by_step, trains_by_cell


def can_pack(layer: Any) -> bool:
    """Whether an encoder can tell the histories of a row apart."""
    return hasattr(layer, "packed") or trains_by_cell(layer)


def packed_vectors(layer: Any, steps: tf.Tensor, mask: tf.Tensor, segments: tf.Tensor) -> tf.Tensor:
    """float32 [rows, length, units]: at each step, the vector of its own history up to and including the step.

    Args:
        layer: A causal encoder. If it has a method `packed(steps, mask, segments)`, that is used. A recurrent Keras
            layer is run cell by cell, and its state is reset at the first step of each history.
        steps: float32 [rows, length, values].
        mask: bool [rows, length].
        segments: int32 [rows, length]; the steps of a history have the same number; neighbouring histories differ.
    """
    if hasattr(layer, "packed"):
        return layer.packed(steps, mask, segments)
    begins = tf.concat([tf.ones_like(mask[:, :1]), segments[:, 1:] != segments[:, :-1]], axis=1)
    return outputs_by_step(layer, steps, mask, begins)
