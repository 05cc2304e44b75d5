"""The layer of the `bow` encoder; apart from it, so that listing encoders never loads Keras."""

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
