"""The layer of the `lru` encoder. It has its own module, so that listing encoders never loads Keras."""

from __future__ import annotations

import keras
import tensorflow as tf

from recframe import repeat_over_padding, rms_norm
from recframe_lru.block import LruBlock


class LruEncoder(keras.layers.Layer):  # type: ignore[misc]
    """A stack of gated linear recurrences.

    Args:
        units: Width of the stack.
        blocks: Number of blocks.
        feed_forward: Width of the feed-forward layers, as a multiple of `units`; 0 for none.
        dropout: Share of what a layer adds that is dropped in training.
        longest: The longest of the first time scales of the decays, in events.

    Example:
        >>> layer = LruEncoder(units=8, blocks=2, feed_forward=4, dropout=0.1, longest=50)
        >>> layer(tf.ones((2, 10, 3)), mask=tf.ones((2, 10), tf.bool)).shape.as_list()
        [2, 10, 8]
        >>> layer.last(tf.ones((2, 10, 3)), tf.ones((2, 10), tf.bool)).shape.as_list()
        [2, 8]
    """

    supports_masking = True

    def __init__(self, units: int, blocks: int, feed_forward: int, dropout: float, longest: int) -> None:
        super().__init__(name="lru")
        self.units = units
        self.blocks = [
            LruBlock(units, feed_forward, dropout, longest, shortcut=place == 0, name=f"block_{place}")
            for place in range(blocks)
        ]

    def build(self, shape: tuple[int | None, ...]) -> None:
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
        steps = tf.transpose(steps, [1, 0, 2])
        begins = tf.concat([tf.ones_like(mask[:, :1]), segments[:, 1:] != segments[:, :-1]], axis=1)
        for block in self.blocks:
            steps = block.over_time(steps, tf.transpose(mask)[..., None], tf.transpose(begins)[..., None])
        return repeat_over_padding(tf.transpose(rms_norm(steps), [1, 0, 2]), mask, segments)

    def last(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """The vector of the whole history, float32 [batch, units]."""
        if len(self.blocks) > 1:
            steps, mask = _without_gaps(steps, mask)
        for block in self.blocks[:-1]:
            steps = block.at_each_step(steps)
        real = tf.cast(mask, steps.dtype)
        so_far = tf.cumsum(real, axis=1)
        count = so_far[:, -1:]
        last = tf.reduce_max(tf.where(mask, tf.range(mask.shape[1])[None], 0), axis=1)
        vector = rms_norm(self.blocks[-1].at_end(steps, count - so_far, mask, last))
        return vector * tf.minimum(count, 1.0)


def _without_gaps(steps: tf.Tensor, mask: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The real steps moved to the left, and their mask. An unknown item in a history is a gap."""
    length = mask.shape[1]
    so_far = tf.cumsum(tf.cast(mask, tf.int32), axis=1)
    # Before the n-th real step there are as many steps as have fewer than n real ones up to and including them.
    before = tf.cast(so_far[:, None, :] < tf.range(1, length + 1)[None, :, None], tf.int32)
    places = tf.minimum(tf.reduce_sum(before, axis=2), length - 1)
    return tf.gather(steps, places, axis=1, batch_dims=1), tf.range(length)[None] < so_far[:, -1:]
