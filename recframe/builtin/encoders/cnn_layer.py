"""The layer of the `cnn` encoder. It has its own module, so that listing encoders never loads Keras."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf


class CnnEncoder(keras.layers.Layer):  # type: ignore[misc]
    """Convolutions with ReLU, then the maximum over time. Padding is 0 and is masked again after every layer.

    With stride 1, a filter reads only earlier steps. With a larger stride, the steps are padded on both sides, so that
    a filter reads every step, whatever the amount of padding.

    A plain maximum cannot tell an old event from the latest. With `fade`, a filter's maximum decays with each event,
    y[t] = max(x[t], rate * y[t-1]), with a rate in (0, 1) that the filter learns. Padding causes no decay.

    Args:
        filters: The number of filters of each convolution.
        kernel: The number of steps that a filter reads.
        stride: The number of steps between two positions of a filter.
        fade: Whether the maximum decays; only with stride 1.

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
        # Fixed names: Keras's default names count the layers in the process, so the bytes of an export would vary.
        self.convolutions = [
            keras.layers.Conv1D(size, kernel, strides=stride, activation="relu", name=f"convolution_{place}")
            for place, size in enumerate(filters)
        ]

    def build(self, shape: tuple[int | None, ...]) -> None:
        width = shape[-1]
        for convolution in self.convolutions:
            # Built for any length: the steps are padded, so a history may be shorter than the kernel.
            convolution.build((None, None, width))
            width = convolution.filters
        if self.fades:
            # Initial rates from 0.5 to 0.95: some filters depend on the latest events, others have a long memory.
            self.fade = self.add_weight(shape=(width,), initializer=_evenly, name="fade")

    def call(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """float32 [batch, length, features] and bool [batch, length] to vectors.

        Returns:
            float32 [batch, length, filters], the maximum up to each step; with a stride above 1 [batch, filters].
        """
        if self.stride > 1:
            return tf.reduce_max(self._convolve(steps, mask), axis=1)
        return self.packed(steps, mask, None)

    def packed(self, steps: tf.Tensor, mask: tf.Tensor, segments: tf.Tensor | None) -> tf.Tensor:
        """The maximum up to each step over the step's own history, float32 [batch, length, filters].

        Args:
            segments: int32 [batch, length]; the number of the row's history that a step belongs to; None if a row is
                one history.
        """
        steps = self._convolve(steps, mask, segments)
        if self.fades:
            return _fading_max(steps, mask, segments, tf.sigmoid(self.fade))
        return _running_max(steps, segments)

    def last(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """The maximum over the whole history, float32 [batch, filters]."""
        steps = self._convolve(steps, mask)
        if self.fades:
            real = tf.cast(mask, steps.dtype)
            since = tf.reduce_sum(real, axis=1, keepdims=True) - tf.cumsum(real, axis=1)
            steps = steps * tf.exp(since[..., None] * tf.math.log_sigmoid(self.fade))
        return tf.reduce_max(steps, axis=1)

    def _convolve(self, steps: tf.Tensor, mask: tf.Tensor, segments: tf.Tensor | None = None) -> tf.Tensor:
        kept = tf.cast(mask, steps.dtype)[..., None]
        steps = steps * kept
        around = [[0, 0], [self.kernel - 1, 0 if self.stride == 1 else self.kernel - 1], [0, 0]]
        for convolution in self.convolutions:
            steps = tf.pad(steps, around)
            steps = self._as_one_product(steps, convolution, segments)
            if self.stride > 1:
                kept = tf.nn.max_pool1d(tf.pad(kept, around), self.kernel, self.stride, "VALID")
            # After ReLU every value is at least 0, so a padded step, which is 0, never exceeds the maximum.
            steps = steps * kept
        return steps

    def _as_one_product(
        self, steps: tf.Tensor, convolution: keras.layers.Conv1D, segments: tf.Tensor | None
    ) -> tf.Tensor:
        """The convolution as one matrix product over shifted copies of the steps.

        This trains as fast as a dense layer. Serving uses it too, since LiteRT 1.1.2 to 1.3.0 returned NaN for
        convolutions with float16 weights.
        """
        last = (steps.shape[1] - self.kernel) // self.stride * self.stride
        copies = [steps[:, shift : shift + last + 1 : self.stride] for shift in range(self.kernel)]
        if segments is not None:
            # Steps of the previous history in the row are 0 for a filter, as at the beginning of a row.
            copies = [
                tf.where(_same_before(segments, self.kernel - 1 - shift), copy, 0.0)
                for shift, copy in enumerate(copies)
            ]
        weights = tf.reshape(convolution.kernel, [-1, convolution.filters])
        return tf.nn.relu(tf.matmul(tf.concat(copies, axis=-1), weights) + convolution.bias)


def _same_before(segments: tf.Tensor, shift: int) -> tf.Tensor:
    """bool [batch, length, 1]: whether the step `shift` positions before belongs to the same history."""
    return (tf.pad(segments, [[0, 0], [shift, 0]])[:, : segments.shape[1]] == segments)[..., None]


def _fading_max(steps: tf.Tensor, mask: tf.Tensor, segments: tf.Tensor | None, rates: tf.Tensor) -> tf.Tensor:
    """y[t] = max(x[t], rates * y[t-1]) at the real steps, else y[t-1]; 0 before a history; rates float32 [filters]."""
    # By time: under XLA fifty small steps train faster than doubling shifts, which copy everything six times.
    real = tf.transpose(mask)[..., None]
    same_history = tf.ones_like(real) if segments is None else tf.transpose(_same_before(segments, 1), [1, 0, 2])
    zero = tf.zeros_like(steps[:, 0])

    # TensorFlow's own gradient would store a list for each operation of a step; this one stores a single list.
    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def by_time(values: tf.Tensor, rates: tf.Tensor) -> tuple[tf.Tensor, Callable[..., Any]]:
        def step(before: tf.Tensor, t: tf.Tensor) -> tf.Tensor:
            before = tf.where(same_history[t], before, 0.0)
            return tf.where(real[t], tf.maximum(values[t], rates * before), before)

        maxima = tf.scan(step, tf.range(values.shape[0]), zero)
        before = tf.where(same_history, tf.concat([zero[None], maxima[:-1]], axis=0), 0.0)
        is_new = tf.logical_and(real, values >= rates * before)
        faded = tf.cast(tf.logical_and(real, tf.logical_not(is_new)), values.dtype)
        passed_on = tf.where(same_history, tf.where(is_new, 0.0, 1.0 + faded * (rates - 1.0)), 0.0)

        def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            # From the last step to the first: the gradient of a step is its own plus what the next step passes on.
            def step_back(later: tf.Tensor, t: tf.Tensor) -> tf.Tensor:
                following = tf.minimum(t + 1, values.shape[0] - 1)
                return upstream[t] + tf.where(t + 1 < values.shape[0], later * passed_on[following], 0.0)

            received = tf.scan(step_back, tf.range(values.shape[0]), zero, reverse=True)
            to_rates = tf.reduce_sum(received * faded * before, axis=[0, 1])
            return tf.where(is_new, received, 0.0), to_rates

        return maxima, gradient

    return tf.transpose(by_time(tf.transpose(steps, [1, 0, 2]), rates), [1, 0, 2])


def _running_max(steps: tf.Tensor, segments: tf.Tensor | None) -> tf.Tensor:
    # The shift doubles each time: after i shifts, a position has the maximum of the last 2^i positions.
    length, shift = steps.shape[1], 1
    while shift < length:
        before = tf.pad(steps, [[0, 0], [shift, 0], [0, 0]])[:, :length]
        steps = tf.maximum(steps, before if segments is None else tf.where(_same_before(segments, shift), before, 0.0))
        shift *= 2
    return steps


def _evenly(shape: tuple[int, ...], dtype: object = None) -> tf.Tensor:
    return tf.linspace(0.0, 3.0, shape[0])
