"""A stack of one-dimensional convolutions, then the maximum over time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import frozen

from recframe.contributions import EncoderContext, EncoderType
from recframe.hookspecs import hookimpl
from recframe.specs import option

if TYPE_CHECKING:
    import keras


@frozen
class CnnOptions:
    """Model Maker's hyperparameters; its stride was its kernel size, ours is 1."""

    filter_ratios: tuple[int, ...] = option((2, 4), ge=1, help="Filters of each layer, as a multiple of model.width.")
    kernel_size: int = option(4, ge=1, help="Steps that a filter sees.")
    stride: int = option(1, ge=1, help="Steps between two positions of a filter; 1 keeps the encoder causal.")


def build(options: CnnOptions, context: EncoderContext) -> keras.Layer:
    import keras
    import tensorflow as tf

    kernel, stride = options.kernel_size, options.stride

    class CnnEncoder(keras.layers.Layer):  # type: ignore[misc]
        """Convolutions over steps padded with zeros, padding masked again after every layer.

        With stride 1 a filter looks back only. With a longer stride the steps are padded on both sides, so that each of
        them is seen by a filter however long the padding is.
        """

        supports_masking = True

        def __init__(self) -> None:
            super().__init__(name="cnn")
            self.convolutions = [
                keras.layers.Conv1D(ratio * context.width, kernel, strides=stride, activation="relu")
                for ratio in options.filter_ratios
            ]

        def build(self, shape: tuple[int | None, ...]) -> None:
            for convolution in self.convolutions:
                convolution.build(shape)
                shape = (*shape[:2], convolution.filters)

        def features(self, steps: tf.Tensor, mask: tf.Tensor, serving: bool) -> tuple[tf.Tensor, tf.Tensor]:
            kept = tf.cast(mask, steps.dtype)[..., None]
            steps = steps * kept
            for convolution in self.convolutions:
                after = 0 if stride == 1 else kernel - 1
                steps = tf.pad(steps, [[0, 0], [kernel - 1, after], [0, 0]])
                steps = convolution(steps) if stride > 1 or serving else _as_one_product(steps, convolution)
                if stride > 1:
                    seen = tf.pad(kept, [[0, 0], [kernel - 1, after], [0, 0]])
                    kept = tf.nn.max_pool1d(seen, kernel, stride, "VALID")
                # ReLU makes every value at least 0, so a padded step of 0 never wins the maximum over a real one.
                steps = steps * kept
            return steps, kept

        def call(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
            steps, _ = self.features(steps, mask, serving=False)
            if stride > 1:
                return tf.reduce_max(steps, axis=1)
            return _running_max(steps)

        def last(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
            """The maximum over the whole history, float32 [batch, filters]."""
            return tf.reduce_max(self.features(steps, mask, serving=True)[0], axis=1)

    def _as_one_product(steps: tf.Tensor, convolution: keras.layers.Conv1D) -> tf.Tensor:
        """The convolution as a matrix product over shifted copies, to train as one dense layer does."""
        length = steps.shape[1] - kernel + 1
        shifted = tf.concat([steps[:, shift : shift + length] for shift in range(kernel)], axis=-1)
        weights = tf.reshape(convolution.kernel, [-1, convolution.filters])
        return tf.nn.relu(tf.matmul(shifted, weights) + convolution.bias)

    def _running_max(steps: tf.Tensor) -> tf.Tensor:
        # Doubling strides: after step i each position holds the maximum of the 2^i positions up to it.
        length, shift = steps.shape[1], 1
        while shift < length:
            steps = tf.maximum(steps, tf.pad(steps, [[0, 0], [shift, 0], [0, 0]])[:, :length])
            shift *= 2
        return steps

    return CnnEncoder()


def causal(options: CnnOptions) -> bool:
    return options.stride == 1


def warn(options: CnnOptions, context: EncoderContext) -> str | None:
    if options.kernel_size > context.history_length:
        return (
            f"kernel_size {options.kernel_size} is longer than the history of {context.history_length} steps: "
            "the convolution becomes one dense layer over the whole history"
        )
    return None


@hookimpl
def recframe_encoders() -> Iterable[EncoderType]:
    summary = "Convolutions over the history, maximum over time."
    yield EncoderType("cnn", summary=summary, options=CnnOptions, build=build, causal=causal, warn=warn)
