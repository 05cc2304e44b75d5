"""The encoder `mine`: `recframe encoder=mine encoder.units=64`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import recframe
from attrs import frozen

if TYPE_CHECKING:
    import keras
    import tensorflow as tf


@frozen
class MineOptions:
    """What a user may set."""

    units: int = recframe.option(32, ge=1, help="Width of the history's vector.")
    dropout: float = recframe.option(0.1, ge=0, lt=1, help="Share of each step's values that training leaves out.")


def build(options: MineOptions, context: recframe.EncoderContext) -> keras.Layer:
    # Imported here, so that listing the plugins loads neither.
    import keras
    import tensorflow as tf

    class MineEncoder(keras.layers.Layer):  # type: ignore[misc]
        """The mean of the steps, each of which went through a dense layer."""

        supports_masking = True

        def __init__(self) -> None:
            super().__init__(name="mine")
            self.dense = keras.layers.Dense(options.units, activation="relu")
            self.dropout = keras.layers.Dropout(options.dropout)

        def build(self, shape: tuple[int | None, ...]) -> None:
            self.dense.build(shape)

        def call(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
            present = tf.cast(mask, steps.dtype)[..., None]
            total = tf.reduce_sum(self.dropout(self.dense(steps)) * present, axis=1)
            return total / tf.maximum(tf.reduce_sum(present, axis=1), 1.0)  # an empty history has no step

    return MineEncoder()


ENCODER = recframe.EncoderType("mine", summary="Mean of the steps, through a layer.", options=MineOptions, build=build)


@recframe.hookimpl
def recframe_encoders() -> Iterable[recframe.EncoderType]:
    yield ENCODER
