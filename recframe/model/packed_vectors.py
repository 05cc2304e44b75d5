"""The vectors at each step of rows in which several histories stand one after another: training needs no padding."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from recframe.model.recurrence import outputs_by_step, trains_by_cell


def can_pack(layer: Any) -> bool:
    """Whether an encoder can tell the histories of a row apart."""
    return hasattr(layer, "packed") or trains_by_cell(layer)


def packed_vectors(layer: Any, steps: tf.Tensor, mask: tf.Tensor, segments: tf.Tensor) -> tf.Tensor:
    """float32 [rows, length, units]: at each step, the vector of its own history up to and with it.

    Args:
        layer: A causal encoder. Its own `packed(steps, mask, segments)` goes first; a recurrent layer of Keras is run
            cell by cell, and starts anew where a history begins.
        steps: float32 [rows, length, values].
        mask: bool [rows, length].
        segments: int32 [rows, length]; steps of one history have the same number, and those of the next another.
    """
    if hasattr(layer, "packed"):
        return layer.packed(steps, mask, segments)
    begins = tf.concat([tf.ones_like(mask[:, :1]), segments[:, 1:] != segments[:, :-1]], axis=1)
    return outputs_by_step(layer, steps, mask, begins)
