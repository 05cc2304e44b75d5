"""The layer of the `strings` feature type. It has its own module, so that listing feature types never loads Keras."""

from __future__ import annotations

import keras  # noqa: TID253  (this module is loaded only to build a model)
import tensorflow as tf  # noqa: TID253

from recframe import SpecError


class PooledEmbedding(keras.layers.Layer):  # type: ignore[misc]
    """The mean or the sum of the embeddings of a step's values. Id 0 is padding; a step without values gets zeros.

    Example:
        >>> layer = PooledEmbedding(3, 1, "mean")
        >>> layer.build((1, 1, 2)); layer.set_weights([tf.constant([[9.0], [2.0], [4.0]])])
        >>> layer(tf.constant([[[1, 2], [2, 0], [0, 0]]]))[0, :, 0].numpy().tolist()
        [3.0, 4.0, 0.0]
    """

    def __init__(self, size: int, width: int, pool: str) -> None:
        super().__init__(name="pooled")
        self.size, self.width, self.pool = size, width, pool

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        if len(input_shape) != 3:
            raise SpecError(f"`strings` needs inputs of shape [batch, length, values], but the shape is {input_shape}")
        start = keras.initializers.RandomUniform(-0.05, 0.05)
        self.table = self.add_weight(shape=(self.size, self.width), initializer=start, name="embeddings")

    def call(self, ids: tf.Tensor) -> tf.Tensor:
        """int32 [batch, length, values] to float32 [batch, length, width]."""
        kept = tf.cast(tf.not_equal(ids, 0), tf.float32)[..., None]
        total = tf.reduce_sum(tf.gather(self.table, ids) * kept, axis=-2)
        return total if self.pool == "sum" else total / tf.maximum(tf.reduce_sum(kept, axis=-2), 1.0)
