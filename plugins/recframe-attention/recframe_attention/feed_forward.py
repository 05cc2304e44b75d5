"""The feed-forward layer of a block, which mixes what attention has gathered."""

from __future__ import annotations

import keras
import tensorflow as tf

from recframe_attention.norm import normed


class FeedForward(keras.layers.Layer):  # type: ignore[misc]
    """`x + g * narrow(silu(wide(norm(x))))`, at each step alone; g is 1, or `sigmoid(gate(x))`.

    Args:
        units: Width of x.
        ratio: Width of the layer within, as a multiple of `units`.
        dropout: Share of what is added that is dropped in training.
        gate: Whether the gate is learnt.
    """

    def __init__(self, units: int, ratio: int, dropout: float, gate: bool) -> None:
        super().__init__(name="feed_forward")
        self.wide = keras.layers.Dense(ratio * units, activation="silu", name="wide")
        self.narrow = keras.layers.Dense(units, name="narrow")
        self.gate = keras.layers.Dense(units, activation="sigmoid", name="gate") if gate else None
        self.drop = keras.layers.Dropout(dropout, name="drop")

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.wide.build(shape)
        self.narrow.build((None, self.wide.units))
        if self.gate is not None:
            self.gate.build(shape)

    def call(self, steps: tf.Tensor) -> tf.Tensor:
        added = self.narrow(self.wide(normed(steps)))
        return steps + self.drop(added if self.gate is None else self.gate(steps) * added)
