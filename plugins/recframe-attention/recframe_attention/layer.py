"""The layer of the `sasrec` encoder. It has its own module, so that listing encoders never loads Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
import tensorflow as tf

from recframe import repeat_over_padding
from recframe_attention.block import AttentionBlock
from recframe_attention.norm import normed
from recframe_attention.rows import begins_of, places_of, visible, visible_alone

if TYPE_CHECKING:
    from recframe_attention import SasrecOptions


class SasrecEncoder(keras.layers.Layer):  # type: ignore[misc]
    """A stack of blocks of causal attention.

    Args:
        options: The options of the encoder.
        longest: The longest history: the places, or the distances, that are told apart.

    Example:
        >>> from recframe_attention import SasrecOptions
        >>> layer = SasrecEncoder(SasrecOptions(units=8, blocks=2, heads=2), longest=50)
        >>> layer(tf.ones((2, 10, 3)), mask=tf.ones((2, 10), tf.bool)).shape.as_list()
        [2, 10, 8]
        >>> layer.last(tf.ones((2, 10, 3)), tf.ones((2, 10), tf.bool)).shape.as_list()
        [2, 8]
    """

    supports_masking = True

    def __init__(self, options: SasrecOptions, longest: int) -> None:
        super().__init__(name="sasrec")
        self.units, self.longest = options.units, longest
        self.relative = options.positions == "relative"
        self.blocks = [
            AttentionBlock(options, longest if self.relative else 0, shortcut=place == 0, name=f"block_{place}")
            for place in range(options.blocks)
        ]

    def build(self, shape: tuple[int | None, ...]) -> None:
        if not self.relative:
            # As small as the embeddings of items are at first, so that neither hides the other.
            start = keras.initializers.RandomUniform(-0.05, 0.05)
            self.positions = self.add_weight(shape=(self.longest, shape[-1]), initializer=start, name="positions")
        for place, block in enumerate(self.blocks):
            block.build(shape if place == 0 else (None, self.units))

    def call(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """float32 [batch, length, features] and bool [batch, length] to float32 [batch, length, units]."""
        return self.packed(steps, mask, tf.zeros_like(mask, tf.int32))

    def packed(self, steps: tf.Tensor, mask: tf.Tensor, segments: tf.Tensor) -> tf.Tensor:
        """The vectors of rows that hold several histories, float32 [batch, length, units].

        Args:
            segments: int32 [batch, length]; the number of the row's history that a step belongs to.
        """
        begins = begins_of(segments)
        steps = self._placed(steps, places_of(begins))
        readable = visible(mask, begins)
        for block in self.blocks:
            steps = block.at_each_step(steps, readable)
        return repeat_over_padding(normed(steps), mask, segments)

    def last(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """The vector of the whole history, float32 [batch, units]."""
        places = tf.range(mask.shape[1])
        steps = self._placed(steps, places)
        for block in self.blocks[:-1]:
            steps = block.at_each_step(steps, visible_alone(mask))
        vector = normed(self.blocks[-1].at_end(steps, mask, tf.reduce_max(tf.where(mask, places, 0), axis=1)))
        return vector * tf.cast(tf.reduce_any(mask, axis=1, keepdims=True), vector.dtype)

    def _placed(self, steps: tf.Tensor, places: tf.Tensor) -> tf.Tensor:
        """The steps with what their places in their histories add. Unknown items count: something happened there."""
        if self.relative:
            return steps
        return steps + tf.gather(self.positions, tf.minimum(places, self.longest - 1))
