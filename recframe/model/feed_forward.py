"""The feed-forward layer of a block, and the norm of what it reads."""

from __future__ import annotations

import keras
import tensorflow as tf


class FeedForward(keras.layers.Layer):  # type: ignore[misc]
    """`x + narrow(silu(wide(norm(x))))`, at each position alone.

    Args:
        units: Width of x.
        ratio: Width of the layer within, as a multiple of `units`.
        dropout: Share of what is added that is dropped in training.
    """

    def __init__(self, units: int, ratio: int = 4, dropout: float = 0.0, name: str = "feed_forward") -> None:
        super().__init__(name=name)
        self.wide = keras.layers.Dense(ratio * units, activation="silu", name="wide")
        self.narrow = keras.layers.Dense(units, name="narrow")
        self.drop = keras.layers.Dropout(dropout, name="drop")

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.wide.build(shape)
        self.narrow.build((*shape[:-1], self.wide.units))

    def call(self, steps: tf.Tensor) -> tf.Tensor:
        """float32 [..., units] to float32 [..., units]."""
        return steps + self.drop(self.narrow(self.wide(rms_norm(steps))))


def rms_norm(values: tf.Tensor) -> tf.Tensor:
    """`x / sqrt(mean(x^2))` over the last axis (Zhang and Sennrich, arXiv 1910.07467); 0 stays 0.

    It has no scale: the layers that read it have weights of their own.
    """
    return values * tf.math.rsqrt(tf.reduce_mean(values * values, axis=-1, keepdims=True) + 1e-6)
