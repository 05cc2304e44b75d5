"""Several histories in a row give the vectors and the gradients that each gives alone."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

import recframe
from recframe import EncoderContext
from recframe.model.packed_vectors import can_pack, packed_vectors

LENGTHS = (5, 1, 7, 2)
WIDTH = 3
ENCODERS = {
    "bow": {},
    "cnn": {},
    "cnn_deep": {"filter_ratios": (2, 3), "kernel_size": 3, "fade": False},
    "lstm": {"units": 4},
    "lstm_block": {"units": 4, "residual": True},
    "gru": {"units": 4},
    "gru_block": {"units": WIDTH, "residual": True},
}


def _layer(name: str) -> keras.Layer:
    contribution = recframe.load_plugins().encoders[name.split("_")[0]]
    options = contribution.options(**ENCODERS[name])
    layer = contribution.build(options, EncoderContext(WIDTH, 20, WIDTH))
    layer(tf.zeros((1, 4, WIDTH)), mask=tf.ones((1, 4), tf.bool))
    rng = np.random.default_rng(1)
    for weight in layer.trainable_variables:
        weight.assign(weight + rng.normal(0, 0.3, weight.shape))
    return layer


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("name", list(ENCODERS))
def test_a_packed_row_is_its_histories_one_by_one(name: str, compiled: bool) -> None:
    layer, rng = _layer(name), np.random.default_rng(0)
    assert can_pack(layer)
    values = rng.normal(size=(2, sum(LENGTHS) + 3, WIDTH)).astype(np.float32)
    segments = np.zeros(values.shape[:2], np.int32)
    segments[:, : sum(LENGTHS)] = np.repeat(np.arange(1, len(LENGTHS) + 1), LENGTHS)
    # Events that are unknown are gaps, also at the beginning of a history.
    mask = (segments > 0) & (rng.random(segments.shape) > 0.25)
    upstream = rng.normal(size=(2, sum(LENGTHS), 1)).astype(np.float32)

    def together(steps: tf.Tensor) -> tf.Tensor:
        return packed_vectors(layer, steps, tf.constant(mask), tf.constant(segments))[:, : sum(LENGTHS)]

    def apart(steps: tf.Tensor) -> tf.Tensor:
        ends = np.cumsum(LENGTHS)
        return tf.concat(
            [layer(steps[:, a:b], mask=tf.constant(mask[:, a:b])) for a, b in zip(ends - LENGTHS, ends, strict=True)], 1
        )

    def with_gradients(encode: object) -> list[np.ndarray]:
        def run(steps: tf.Tensor) -> list[tf.Tensor]:
            with tf.GradientTape() as tape:
                tape.watch(steps)
                vectors = encode(steps)  # type: ignore[operator]
                loss = tf.reduce_sum(vectors * upstream)
            weights = [weight.value for weight in layer.trainable_variables]
            return [vectors, *map(tf.convert_to_tensor, tape.gradient(loss, [steps, *weights]))]

        call = tf.function(run, jit_compile=compiled, autograph=False)
        return [np.asarray(part) for part in call(tf.constant(values))]

    for one, other in zip(with_gradients(together), with_gradients(apart), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_a_layer_without_a_way_to_tell_histories_apart_is_not_packed() -> None:
    assert not can_pack(keras.layers.Dense(3))
    assert not can_pack(keras.layers.LSTM(3, return_sequences=False))
