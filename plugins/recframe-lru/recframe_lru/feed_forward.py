"""The feed-forward layer of a block, which mixes what the recurrence has gathered."""

from __future__ import annotations

import keras
import tensorflow as tf

from recframe_lru.norm import normed


class FeedForward(keras.layers.Layer):  # type: ignore[misc]
    """`x + narrow(silu(wide(norm(x))))`, at each position alone.

    Args:
        units: Width of x.
        ratio: Width of the layer within, as a multiple of `units`.
        dropout: Share of what is added that is dropped in training.
    """

    def __init__(self, units: int, ratio: int, dropout: float) -> None:
        super().__init__(name="feed_forward")
        self.wide = keras.layers.Dense(ratio * units, activation="silu", name="wide")
        self.narrow = keras.layers.Dense(units, name="narrow")
        self.drop = keras.layers.Dropout(dropout, name="drop")

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.wide.build(shape)
        self.narrow.build((None, self.wide.units))

    def call(self, steps: tf.Tensor) -> tf.Tensor:
        return steps + self.drop(self.narrow(self.wide(normed(steps))))
