"""Relative positions: what the distance of two steps adds to their score."""

from __future__ import annotations

import math

import keras
import tensorflow as tf

#: The least reach that a head may have at first, in events. A weight falls to 1/e over a reach.
SHORTEST = 2.0


class DistanceBias(keras.layers.Layer):  # type: ignore[misc]
    """A learnt number for each head and distance. All distances from the longest on share one.

    At first a head has `-distance / reach`. The reaches lie between two events and the longest distance.

    Args:
        heads: Number of heads.
        longest: Number of distances.

    References:
        Raffel et al., Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer (T5),
        arXiv 1910.10683. Press et al., Train Short, Test Long (ALiBi; the start), arXiv 2108.12409.
    """

    def __init__(self, heads: int, longest: int) -> None:
        super().__init__(name="distances")
        self.heads, self.longest = heads, longest

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.bias = self.add_weight(shape=(self.heads, self.longest), initializer=self._fading, name="bias")

    def _fading(self, shape: tuple[int, ...], dtype: object = None) -> tf.Tensor:
        heads, longest = shape
        middles = (tf.range(heads, dtype=tf.float32) + 0.5) / heads
        reaches = SHORTEST * tf.exp(middles * math.log(max(longest / SHORTEST, 1.0)))
        return -tf.range(longest, dtype=tf.float32) / reaches[:, None]

    def between(self, length: int, factor: tf.Tensor) -> tf.Tensor:
        """float32 [heads, length, length]: for each step (first) and each that it reads (second), times the factor.

        The factor, a scalar, is 1. If it comes from the input, a phone makes the matrix; otherwise the converter would
        store all of it.
        """
        by_distance = tf.gather(self.bias * factor, tf.minimum(tf.range(length), self.longest - 1), axis=1)
        # Rows of 2 * length, which are read as rows of one less: each begins one place further to the right.
        row = tf.concat([by_distance[:, ::-1], tf.zeros_like(by_distance)], axis=1)
        shifted = tf.tile(row, [1, length])[:, length - 1 :][:, : length * (2 * length - 1)]
        return tf.reshape(shifted, [self.heads, length, 2 * length - 1])[:, :, :length]

    def before(self, last: tf.Tensor, length: int) -> tf.Tensor:
        """float32 [batch, heads, length]: for the step at `last`, int32 [batch], and each step."""
        distances = tf.clip_by_value(last[:, None] - tf.range(length), 0, self.longest - 1)
        return tf.transpose(tf.gather(self.bias, distances, axis=1), [1, 0, 2])
