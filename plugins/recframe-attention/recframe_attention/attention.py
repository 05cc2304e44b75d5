"""Multi-head attention, in one form for training and another for the last step of a history alone."""

from __future__ import annotations

import keras
import tensorflow as tf

from recframe_attention.distances import DistanceBias

#: The score of a step that may not be read. It is finite, so a query that reads none gets numbers.
HIDDEN = -1e9


class Attention(keras.layers.Layer):  # type: ignore[misc]
    """`out(softmax(query(x) . key(x) / sqrt(width of a head)) * value(x))`, with several heads.

    Keys and values have no bias: that of the keys adds the same to all scores of a query, and that of the values is
    added to the output, which has one.

    Args:
        units: Width of the output, and of all heads together.
        heads: Number of heads; it divides `units`.
        longest: Distances that have a bias of their own; 0 for no bias by distance.

    References:
        Vaswani et al., Attention Is All You Need, arXiv 1706.03762.
    """

    def __init__(self, units: int, heads: int, longest: int) -> None:
        super().__init__(name="attention")
        self.units, self.heads, self.scale = units, heads, (units // heads) ** -0.5
        self.query = keras.layers.Dense(units, name="query")
        self.key = keras.layers.Dense(units, use_bias=False, name="key")
        self.value = keras.layers.Dense(units, use_bias=False, name="value")
        self.leave = keras.layers.Dense(units, name="out")
        self.distances = DistanceBias(heads, longest) if longest else None

    def build(self, shape: tuple[int | None, ...]) -> None:
        for layer in (self.query, self.key, self.value):
            layer.build(shape)
        self.leave.build((None, self.units))
        if self.distances is not None:
            self.distances.build(shape)

    def at_each_step(self, steps: tf.Tensor, visible: tf.Tensor) -> tf.Tensor:
        """float32 [batch, length, width] to [batch, length, units].

        Args:
            visible: bool [batch, length, length]; whether a step (first) reads a step (second).
        """
        query, key, value = (self._by_head(layer(steps)) for layer in (self.query, self.key, self.value))
        scores = tf.matmul(query, key, transpose_b=True) * self.scale
        if self.distances is not None:
            readable = tf.cast(tf.reduce_any(visible), steps.dtype)
            scores += self.distances.between(steps.shape[1], readable)
        mixed = tf.transpose(tf.matmul(_weights(scores, visible[:, None]), value), [0, 2, 1, 3])
        return self.leave(tf.reshape(mixed, [-1, steps.shape[1], self.units]))

    def at_end(self, step: tf.Tensor, steps: tf.Tensor, mask: tf.Tensor, last: tf.Tensor) -> tf.Tensor:
        """float32 [batch, units]: what the last step reads, without a key or a value of any step.

        A score is `query . (kernel of keys * step)`, which is `(query * kernel of keys) . step`; and the values of a
        weighted sum are the weighted sum of the values.

        Args:
            step: float32 [batch, width].
            steps: float32 [batch, length, width].
            mask: bool [batch, length].
            last: int32 [batch]; where the last real step is.
        """
        # A head's query is that of all heads with zeros in the others' places, so that the kernels stay whole.
        own = tf.repeat(tf.eye(self.heads), self.units // self.heads, axis=1)
        queries = tf.matmul(self.query(step)[:, None] * (own * self.scale), self.key.kernel, transpose_b=True)
        scores = tf.matmul(queries, steps, transpose_b=True)
        if self.distances is not None:
            scores += self.distances.before(last, steps.shape[1])
        mixed = self.value(tf.matmul(_weights(scores, mask[:, None]), steps))
        return self.leave(tf.reduce_sum(mixed * own, axis=1))

    def _by_head(self, values: tf.Tensor) -> tf.Tensor:
        """[batch, length, units] to [batch, heads, length, units / heads]."""
        split = tf.reshape(values, [-1, values.shape[1], self.heads, self.units // self.heads])
        return tf.transpose(split, [0, 2, 1, 3])


def _weights(scores: tf.Tensor, visible: tf.Tensor) -> tf.Tensor:
    return tf.nn.softmax(tf.where(visible, scores, HIDDEN))
