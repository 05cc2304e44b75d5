"""Relative positions: what the distance of two steps adds to their score."""

from __future__ import annotations

import keras
import tensorflow as tf


class DistanceBias(keras.layers.Layer):  # type: ignore[misc]
    """A learnt number for each head and distance. All distances from the longest on share one.

    Args:
        heads: Number of heads.
        longest: Number of distances.

    References:
        Raffel et al., Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer (T5),
        arXiv 1910.10683.
    """

    def __init__(self, heads: int, longest: int) -> None:
        super().__init__(name="distances")
        self.heads, self.longest = heads, longest

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.bias = self.add_weight(shape=(self.heads, self.longest), initializer="zeros", name="bias")

    def between(self, length: int) -> tf.Tensor:
        """float32 [heads, length, length]: for each step (first) and each step that it reads (second)."""
        places = tf.range(length)
        return self._of(places[:, None] - places[None])

    def before(self, last: tf.Tensor, length: int) -> tf.Tensor:
        """float32 [batch, heads, length]: for the step at `last`, int32 [batch], and each step."""
        return tf.transpose(self._of(last[:, None] - tf.range(length)[None]), [1, 0, 2])

    def _of(self, distances: tf.Tensor) -> tf.Tensor:
        return tf.gather(self.bias, tf.clip_by_value(distances, 0, self.longest - 1), axis=1)
