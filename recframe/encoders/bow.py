"""Bag of words: the mean of the steps that are not padding."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from attrs import frozen

from recframe.contributions import EncoderContext, EncoderType
from recframe.hookspecs import hookimpl

if TYPE_CHECKING:
    import keras


@frozen
class BowOptions:
    """BOW has no hyperparameters, in Model Maker as here."""


def build(options: BowOptions, context: EncoderContext) -> keras.Layer:
    import keras
    import tensorflow as tf

    class BowEncoder(keras.layers.Layer):  # type: ignore[misc]
        """Masked running mean: `sum of steps up to t / number of them`."""

        supports_masking = True

        def call(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
            kept = tf.cast(mask, steps.dtype)[..., None]
            return tf.cumsum(steps * kept, axis=1) / tf.maximum(tf.cumsum(kept, axis=1), 1.0)

        def last(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
            """The mean of the whole history, float32 [batch, features]."""
            kept = tf.cast(mask, steps.dtype)[..., None]
            return tf.reduce_sum(steps * kept, axis=1) / tf.maximum(tf.reduce_sum(kept, axis=1), 1.0)

    return BowEncoder(name="bow")


def causal(options: Any) -> bool:
    return True


@hookimpl
def recframe_encoders() -> Iterable[EncoderType]:
    yield EncoderType("bow", summary="Mean of the history's steps.", options=BowOptions, build=build, causal=causal)
