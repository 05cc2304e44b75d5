"""Encoders that each break one demand of EncoderContract."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from recframe.plugin.types import EncoderType
from tests.contracts.broken.layers import CONVERTS, GRADIENTS, a_layer
from tests.contracts.broken.listing import broken


def mean(steps: tf.Tensor, kept: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(steps * kept, 1) / tf.maximum(tf.reduce_sum(kept, 1), 1.0)


def encoder(name: str, function: Callable[..., tf.Tensor], demand: str, causal: bool = False, **more: Any) -> None:
    def build(options: Any, context: Any) -> keras.Layer:
        return a_layer(function, **more)

    broken(EncoderType(name, summary="Broken.", build=build, causal=lambda options: causal), demand)


PADDING, EMPTY = "padding is neutral", "an empty history gives numbers"
encoder("leaks_padding", lambda steps, kept: tf.reduce_mean(steps, 1), PADDING)
encoder("divides_by_0", lambda steps, kept: tf.reduce_sum(steps * kept, 1) / tf.reduce_sum(kept, 1), EMPTY)
encoder("ignores_the_steps", lambda steps, kept: mean(steps, kept) * 0, "the steps matter")
encoder("gives_steps", lambda steps, kept: steps * kept, "gives one finite vector for a history")
encoder(
    "looks_ahead",
    lambda steps, kept: tf.cumsum(steps * kept, axis=1, reverse=True),
    "a causal encoder gives each prefix its own vector",
    causal=True,
)
encoder(
    "random",
    lambda steps, kept: mean(steps, kept) + tf.random.normal((1, 1)),
    "passes what a run asks before training",
)
encoder("spare_weight", mean, GRADIENTS, spare=True)
encoder("odd_op", lambda steps, kept: tf.raw_ops.Igamma(a=mean(steps, kept) ** 2 + 1.0, x=1.0), CONVERTS)


class PacksWithoutBorders(keras.layers.Layer):  # type: ignore[misc]
    """Sums up to each step, also over the histories before in the row."""

    supports_masking = True

    def call(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        return tf.cumsum(steps * tf.cast(mask, tf.float32)[..., None], axis=1)

    def packed(self, steps: tf.Tensor, mask: tf.Tensor, segments: tf.Tensor) -> tf.Tensor:
        return self.call(steps, mask)


broken(
    EncoderType(
        "packs_without_borders",
        summary="Broken.",
        build=lambda options, context: PacksWithoutBorders(),
        causal=lambda options: True,
    ),
    "histories that share a row do not meet",
)
