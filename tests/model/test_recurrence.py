"""Recurrent layers run cell by cell give what Keras gives, with a compiled loop and without one."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from recframe.model.recurrence import UNROLLED, is_recurrent, outputs_by_step

LAYERS = {
    "lstm": lambda: keras.layers.LSTM(5, return_sequences=True),
    "gru": lambda: keras.layers.GRU(5, return_sequences=True),
    "simple": lambda: keras.layers.SimpleRNN(5, return_sequences=True),
}


@pytest.mark.parametrize("length", [7, UNROLLED + 3])
@pytest.mark.parametrize("name", LAYERS)
def test_outputs_and_gradients_are_those_of_the_layer(name: str, length: int) -> None:
    rng = np.random.default_rng(0)
    steps = tf.constant(rng.normal(size=(4, length, 3)).astype(np.float32))
    mask = tf.constant(np.arange(length)[None] < np.array([length, 5, 1, 0])[:, None])
    layer = LAYERS[name]()
    layer(steps, mask=mask)

    def of(outputs: tf.Tensor) -> tf.Tensor:
        # Behind the last event Keras repeats its output; a history without any has none, whatever stands there.
        return tf.reduce_sum(outputs[:3, -1] ** 2)

    with tf.GradientTape(persistent=True) as tape:
        wanted, got = of(layer(steps, mask=mask)), of(outputs_by_step(layer, steps, mask))
    np.testing.assert_allclose(got, wanted, rtol=1e-5)
    weights = [variable.value for variable in layer.trainable_variables]
    for left, right in zip(tape.gradient(got, weights), tape.gradient(wanted, weights), strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-4, atol=1e-6)


def test_a_layer_that_gives_its_last_output_alone_is_not_run_cell_by_cell() -> None:
    assert not is_recurrent(keras.layers.LSTM(5))
    assert not is_recurrent(keras.layers.LSTM(5, return_sequences=True, go_backwards=True))
