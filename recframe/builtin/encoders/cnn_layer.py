"""The layer of the `cnn` encoder; apart from it, so that listing encoders never loads Keras."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf


class CnnEncoder(keras.layers.Layer):  # type: ignore[misc]
    """Convolutions with ReLU over steps padded with zeros, padding masked again after every layer; maximum over time.

    With stride 1 a filter looks back only. With a longer stride the steps are padded on both sides, so that each of
    them is seen by a filter however long the padding is.

    The maximum does not tell an old event from the latest. Where it fades, what a filter found is worth `rate` of it
    one event later, y[t] = max(x[t], rate * y[t-1]), with a rate in (0, 1) that each filter learns; padding passes
    without fading.

    Args:
        filters: Filters of each convolution.
        kernel: Steps that a filter sees.
        stride: Steps between two positions of a filter.
        fade: Let the maximum fade; only with stride 1.

    Example:
        >>> layer = CnnEncoder(filters=[8, 16], kernel=4)
        >>> layer(tf.ones((2, 10, 3)), mask=tf.ones((2, 10), tf.bool)).shape.as_list()
        [2, 10, 16]
        >>> layer.last(tf.ones((2, 10, 3)), tf.ones((2, 10), tf.bool)).shape.as_list()
        [2, 16]
    """

    supports_masking = True

    def __init__(self, filters: Sequence[int], kernel: int, stride: int = 1, fade: bool = False) -> None:
        super().__init__(name="cnn")
        self.kernel, self.stride, self.fades = kernel, stride, fade and stride == 1
        # Named by place: Keras's own names count the layers of the process, and the export's bytes would change.
        self.convolutions = [
            keras.layers.Conv1D(size, kernel, strides=stride, activation="relu", name=f"convolution_{place}")
            for place, size in enumerate(filters)
        ]

    def build(self, shape: tuple[int | None, ...]) -> None:
        width = shape[-1]
        for convolution in self.convolutions:
            # Any length: the steps are padded, so a history may be shorter than the kernel.
            convolution.build((None, None, width))
            width = convolution.filters
        if self.fades:
            # Rates from 0.5 to 0.95: filters of the latest events, and filters that remember.
            self.fade = self.add_weight(shape=(width,), initializer=_evenly, name="fade")

    def call(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """float32 [batch, length, features] and bool [batch, length] to vectors.

        Returns:
            float32 [batch, length, filters], the maximum up to each step; with a longer stride [batch, filters].
        """
        steps = self._convolve(steps, mask)
        if self.stride > 1:
            return tf.reduce_max(steps, axis=1)
        return _fading_max(steps, mask, tf.sigmoid(self.fade)) if self.fades else _running_max(steps)

    def last(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """The maximum over the whole history, float32 [batch, filters]."""
        steps = self._convolve(steps, mask)
        if self.fades:
            real = tf.cast(mask, steps.dtype)
            since = tf.reduce_sum(real, axis=1, keepdims=True) - tf.cumsum(real, axis=1)
            steps = steps * tf.exp(since[..., None] * tf.math.log_sigmoid(self.fade))
        return tf.reduce_max(steps, axis=1)

    def _convolve(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        kept = tf.cast(mask, steps.dtype)[..., None]
        steps = steps * kept
        around = [[0, 0], [self.kernel - 1, 0 if self.stride == 1 else self.kernel - 1], [0, 0]]
        for convolution in self.convolutions:
            steps = tf.pad(steps, around)
            steps = self._as_one_product(steps, convolution)
            if self.stride > 1:
                kept = tf.nn.max_pool1d(tf.pad(kept, around), self.kernel, self.stride, "VALID")
            # ReLU makes every value at least 0, so a padded step of 0 never wins the maximum over a real one.
            steps = steps * kept
        return steps

    def _as_one_product(self, steps: tf.Tensor, convolution: keras.layers.Conv1D) -> tf.Tensor:
        """The convolution as a matrix product over shifted copies.

        It trains as one dense layer does. So it is served too: LiteRT 1.1.2 to 1.3.0 answered NaN where a
        convolution has float16 weights.
        """
        last = (steps.shape[1] - self.kernel) // self.stride * self.stride
        shifted = tf.concat([steps[:, shift : shift + last + 1 : self.stride] for shift in range(self.kernel)], axis=-1)
        weights = tf.reshape(convolution.kernel, [-1, convolution.filters])
        return tf.nn.relu(tf.matmul(shifted, weights) + convolution.bias)


def _fading_max(steps: tf.Tensor, mask: tf.Tensor, rates: tf.Tensor) -> tf.Tensor:
    """y[t] = max(x[t], rates * y[t-1]) at the real steps, else y[t-1]; rates float32 [filters]."""

    def step(last: tf.Tensor, inputs: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        values, real = inputs
        return tf.where(real, tf.maximum(values, rates * last), last)

    # By time: under XLA fifty small steps train faster than doubling shifts, which copy everything six times.
    by_time = tf.transpose(steps, [1, 0, 2]), tf.transpose(mask)[..., None]
    return tf.transpose(tf.scan(step, by_time, tf.zeros_like(steps[:, 0])), [1, 0, 2])


def _running_max(steps: tf.Tensor) -> tf.Tensor:
    # Doubling shifts: after shift i each position holds the maximum of the 2^i positions up to it.
    length, shift = steps.shape[1], 1
    while shift < length:
        steps = tf.maximum(steps, tf.pad(steps, [[0, 0], [shift, 0], [0, 0]])[:, :length])
        shift *= 2
    return steps


def _evenly(shape: tuple[int, ...], dtype: object = None) -> tf.Tensor:
    return tf.linspace(0.0, 3.0, shape[0])
