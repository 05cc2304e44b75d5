"""The suites accept what is correct though it looks odd: positions, states, draws that follow the batch, words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

import recframe
from recframe.testing.suites import make_suite
from tests.export import test_words as words


def mean_of(steps: tf.Tensor, mask: tf.Tensor, causal: bool = False) -> tf.Tensor:
    """The mean over all steps, or over those up to each."""
    kept = tf.cast(mask, steps.dtype)[..., None]
    add = tf.cumsum if causal else tf.reduce_sum
    return add(steps * kept, axis=1) / tf.maximum(add(kept, axis=1), 1.0)


def positions_of_the_history(options: Any, context: recframe.EncoderContext) -> keras.Layer:
    class Positions(keras.layers.Layer):  # type: ignore[misc]
        """Takes histories of `history_length` steps alone, as its table has no other rows."""

        supports_masking = True

        def build(self, shape: Any) -> None:
            self.table = self.add_weight(shape=(context.history_length, context.step_width), name="positions")

        def call(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
            return mean_of(tf.nn.relu(steps + self.table), mask)

    return Positions()


def positions_of_any_length(options: Any, context: recframe.EncoderContext) -> keras.Layer:
    class CausalPositions(keras.layers.Layer):  # type: ignore[misc]
        """Steps beyond the table have its last row."""

        supports_masking = True

        def __init__(self) -> None:
            super().__init__()
            self.table = keras.layers.Embedding(context.history_length, context.step_width)

        def build(self, shape: Any) -> None:
            self.table.build(None)

        def call(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
            places = tf.minimum(tf.range(tf.shape(steps)[1]), context.history_length - 1)
            return mean_of(tf.nn.relu(steps + self.table(places)), mask, causal=True)

    return CausalPositions()


def normalized(options: Any, context: recframe.EncoderContext) -> keras.Layer:
    class Normalized(keras.layers.Layer):  # type: ignore[misc]
        supports_masking = True

        def __init__(self) -> None:
            super().__init__()
            self.normalization = keras.layers.BatchNormalization()
            self.dropout = keras.layers.Dropout(0.5)

        def build(self, shape: Any) -> None:
            self.normalization.build(shape)

        def call(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
            return mean_of(self.dropout(self.normalization(steps, mask=mask)), mask)

    return Normalized()


def against_others_of_the_batch(options: Any, context: recframe.LossContext) -> Callable[..., tf.Tensor]:
    def loss(vectors: tf.Tensor, table: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        """Each row draws eight labels among those of the batch, so that the draws follow its size."""
        present = tf.maximum(tf.reduce_sum(tf.cast(weights > 0, tf.int32)), 1)
        drawn = tf.random.stateless_uniform([tf.shape(labels)[0], 8], context.step_seed(), 0, present, tf.int32)
        own = tf.reduce_sum(vectors * tf.gather(table, labels), axis=1, keepdims=True)
        others = tf.einsum("nw,nkw->nk", vectors, tf.gather(table, tf.gather(labels, drawn)))
        costs = tf.reduce_mean(tf.nn.softplus(others - own), axis=1)
        return tf.reduce_sum(weights * costs) / tf.maximum(tf.reduce_sum(weights), 1.0)

    return loss


def encoder(name: str, build: Callable[..., keras.Layer], causal: bool = False) -> type:
    return make_suite(recframe.EncoderType(name, summary="Correct.", build=build, causal=causal))


TestPositions = encoder("positions", positions_of_the_history)
TestCausalPositions = encoder("causal_positions", positions_of_any_length, causal=True)
TestNormalized = encoder("normalized", normalized)
TestOthersOfTheBatch = make_suite(
    recframe.LossType("others_of_the_batch", summary="Correct.", build=against_others_of_the_batch)
)
TestWords = make_suite(recframe.FeatureType("words", summary="Correct.", encode=words.encode, build=words.build))
