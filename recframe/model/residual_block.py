"""A block around an encoder: it normalises what the encoder reads, adds to it, and mixes the result."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from recframe.errors import PluginError
from recframe.model.feed_forward import FeedForward, rms_norm
from recframe.model.last_vector import last_vector
from recframe.model.packed_vectors import can_pack, packed_vectors
from recframe.model.repeat_over_padding import repeat_over_padding


class ResidualBlock(keras.layers.Layer):  # type: ignore[misc]
    """A causal encoder within a pre-norm block, which is a causal encoder itself.

    `x + dropout(layer(norm(x)))`, then `x + feed_forward(x)`, then `norm(x)`. If the width of x is not that of the
    layer, x is projected where it is added.

    Args:
        layer: A recurrent layer of Keras with `return_sequences=True` and without dropout of its own, or a causal
            encoder that has a method `packed`.
        units: Width of what the layer returns, and of the block.
        feed_forward: Width of the feed-forward layer, as a multiple of `units`; 0 for none.
        dropout: Share of what each part adds that is dropped in training.

    Raises:
        PluginError: The layer cannot tell the histories of a row apart.

    Example:
        >>> block = ResidualBlock(keras.layers.GRU(8, return_sequences=True), units=8, feed_forward=4, dropout=0.1)
        >>> block(tf.ones((2, 10, 3)), mask=tf.ones((2, 10), tf.bool)).shape.as_list()
        [2, 10, 8]
        >>> block.last(tf.ones((2, 10, 3)), tf.ones((2, 10), tf.bool)).shape.as_list()
        [2, 8]

    References:
        Xiong et al., On Layer Normalization in the Transformer Architecture (pre-norm), arXiv 2002.04745.
    """

    supports_masking = True

    def __init__(
        self, layer: Any, units: int, feed_forward: int = 4, dropout: float = 0.0, name: str = "residual_block"
    ) -> None:
        if not can_pack(layer):
            raise PluginError(
                f"ResidualBlock takes a recurrent layer of Keras with return_sequences=True and without dropout, or a "
                f"layer that has a method `packed`, but not {layer!r}"
            )
        super().__init__(name=name)
        self.layer, self.units = layer, units
        self.drop = keras.layers.Dropout(dropout, name="drop")
        self.shortcut: keras.layers.Dense | None = None
        self.feed_forward = FeedForward(units, feed_forward, dropout) if feed_forward else None

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.layer.build(shape)
        if shape[-1] != self.units:
            self.shortcut = keras.layers.Dense(self.units, use_bias=False, name="shortcut")
            self.shortcut.build(shape)
        if self.feed_forward is not None:
            self.feed_forward.build((*shape[:-1], self.units))

    def call(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """float32 [batch, length, features] and bool [batch, length] to float32 [batch, length, units]."""
        return self.packed(steps, mask, tf.zeros_like(mask, tf.int32))

    def packed(self, steps: tf.Tensor, mask: tf.Tensor, segments: tf.Tensor) -> tf.Tensor:
        """The vectors of rows that hold several histories, float32 [batch, length, units].

        Args:
            segments: int32 [batch, length]; the number of the row's history that a step belongs to.
        """
        vectors = self._add(steps, packed_vectors(self.layer, rms_norm(steps), mask, segments))
        return repeat_over_padding(vectors, mask, segments)

    def last(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """The vector of the whole history, float32 [batch, units]."""
        end = tf.reduce_max(tf.where(mask, tf.range(mask.shape[1])[None], 0), axis=1)
        latest = tf.gather(steps, end, axis=1, batch_dims=1)
        vector = self._add(latest, last_vector(self.layer, rms_norm(steps), mask))
        return vector * tf.reduce_max(tf.cast(mask, steps.dtype), axis=1, keepdims=True)

    def _add(self, steps: tf.Tensor, vectors: tf.Tensor) -> tf.Tensor:
        steps = (steps if self.shortcut is None else self.shortcut(steps)) + self.drop(vectors)
        return rms_norm(steps if self.feed_forward is None else self.feed_forward(steps))
