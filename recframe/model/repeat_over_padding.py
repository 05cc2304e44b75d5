"""What a causal encoder returns at padded steps: the vector before them, again."""

from __future__ import annotations

import tensorflow as tf


def repeat_over_padding(vectors: tf.Tensor, mask: tf.Tensor, segments: tf.Tensor) -> tf.Tensor:
    """Give each padded step the vector of the last real step of its history; before the first, zeros.

    A causal encoder must return this.

    Args:
        vectors: float32 [batch, length, units].
        mask: bool [batch, length].
        segments: int32 [batch, length]; the number of the row's history that a step belongs to.
    """
    begins = tf.concat([tf.ones_like(mask[:, :1]), segments[:, 1:] != segments[:, :-1]], axis=1)
    places = tf.range(mask.shape[1])[None]
    latest = _running_max(tf.where(mask, places, -1))
    begin = _running_max(tf.where(begins, places, -1))
    repeated = tf.gather(vectors, tf.maximum(latest, 0), axis=1, batch_dims=1)
    return tf.where((latest >= begin)[..., None], repeated, 0.0)


def _running_max(places: tf.Tensor) -> tf.Tensor:
    """int32 [batch, length]: the largest up to each position. After i shifts, it is that of the last 2^i positions."""
    length, shift = places.shape[1], 1
    while shift < length:
        before = tf.pad(places[:, : length - shift], [[0, 0], [shift, 0]], constant_values=-1)
        places, shift = tf.maximum(places, before), 2 * shift
    return places
