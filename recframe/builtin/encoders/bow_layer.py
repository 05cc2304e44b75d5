"""The layer of the `bow` encoder. It has its own module, so that listing encoders never loads Keras."""

from __future__ import annotations

import keras
import tensorflow as tf


class BowEncoder(keras.layers.Layer):  # type: ignore[misc]
    """Masked running mean: `vector[t] = sum of the steps up to t that are not padding / their number`.

    Example:
        >>> steps, mask = tf.constant([[[2.0], [4.0], [9.0]]]), tf.constant([[True, True, False]])
        >>> BowEncoder()(steps, mask=mask)[0, :, 0].numpy().tolist()
        [2.0, 3.0, 3.0]
    """

    supports_masking = True

    def __init__(self) -> None:
        super().__init__(name="bow")

    def call(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """float32 [batch, length, features] and bool [batch, length] to float32 [batch, length, features]."""
        kept = tf.cast(mask, steps.dtype)[..., None]
        return tf.cumsum(steps * kept, axis=1) / tf.maximum(tf.cumsum(kept, axis=1), 1.0)

    def last(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """The mean of the whole history, float32 [batch, features]."""
        kept = tf.cast(mask, steps.dtype)[..., None]
        return tf.reduce_sum(steps * kept, axis=1) / tf.maximum(tf.reduce_sum(kept, axis=1), 1.0)

    def packed(self, steps: tf.Tensor, mask: tf.Tensor, segments: tf.Tensor) -> tf.Tensor:
        """The running mean of each history of a row, float32 [batch, length, features]."""
        kept = tf.cast(mask, steps.dtype)[..., None]
        sums, length, shift = tf.concat([steps * kept, kept], axis=-1), steps.shape[1], 1
        # The shift doubles each time: after i shifts, a position has the sum of the last 2^i positions of its history.
        while shift < length:
            before = tf.pad(sums, [[0, 0], [shift, 0], [0, 0]])[:, :length]
            same = tf.pad(segments, [[0, 0], [shift, 0]])[:, :length] == segments
            sums += tf.where(same[..., None], before, 0.0)
            shift *= 2
        return sums[..., :-1] / tf.maximum(sums[..., -1:], 1.0)
