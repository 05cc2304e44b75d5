"""A Keras layer made of one function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

#: A demand that the suites of encoders and of feature types share.
GRADIENTS, CONVERTS = "gradients reach every weight", "converts to builtin ops and answers the same"


def a_layer(function: Callable[..., tf.Tensor], spare: bool = False) -> keras.Layer:
    """A layer of one function, with a weight that nothing uses if it is to have a `spare` one."""

    class Made(keras.layers.Layer):  # type: ignore[misc]
        supports_masking = True

        def build(self, shape: Any) -> None:
            self.spare = self.add_weight(shape=(2,), name="spare") if spare else None

        def call(self, inputs: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
            return function(inputs) if mask is None else function(inputs, tf.cast(mask, tf.float32)[..., None])

    return Made()
