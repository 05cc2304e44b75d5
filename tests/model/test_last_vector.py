"""The shortcut for serving gives what the encoder's last step gives."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from recframe.model.last_vector import last_vector
from recframe.testing.conversion import convert_layer

LENGTH, VALUES = 9, 5


class Doubling(keras.layers.GRUCell):  # type: ignore[misc]
    """A cell of a plugin, whose output is not its state."""

    def call(self, inputs: tf.Tensor, states: list[tf.Tensor], training: bool = False) -> tuple[tf.Tensor, object]:
        output, states = super().call(inputs, states, training)
        return 2 * output, states


LAYERS = {
    "lstm": lambda: keras.layers.LSTM(4, return_sequences=True),
    "gru": lambda: keras.layers.GRU(4, return_sequences=True),
    "simple": lambda: keras.layers.SimpleRNN(4, return_sequences=True),
    "stacked": lambda: keras.layers.RNN([keras.layers.LSTMCell(3), keras.layers.GRUCell(4)], return_sequences=True),
    "own": lambda: keras.layers.RNN(Doubling(4), return_sequences=True),
    "zeros": lambda: keras.layers.RNN(keras.layers.GRUCell(4), return_sequences=True, zero_output_for_mask=True),
}


@pytest.mark.parametrize("name", LAYERS)
def test_it_is_the_last_step_of_the_layer(name: str) -> None:
    keras.utils.set_random_seed(1)
    layer, rng = LAYERS[name](), np.random.default_rng(1)
    steps = tf.constant(rng.normal(size=(6, LENGTH, VALUES)), tf.float32)
    # Padding at either side, gaps, one step, no step.
    mask = np.ones((6, LENGTH), bool)
    mask[1, :4], mask[2, 5:], mask[3, 1::2], mask[4, 1:], mask[5] = False, False, False, False, False
    wanted = np.asarray(layer(steps, mask=tf.constant(mask))[:, -1])
    np.testing.assert_allclose(last_vector(layer, steps, tf.constant(mask)), wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["lstm", "gru", "stacked", "own"])
def test_on_a_phone_too(name: str) -> None:
    keras.utils.set_random_seed(1)
    layer, rng = LAYERS[name](), np.random.default_rng(1)
    steps = rng.normal(size=(1, LENGTH, VALUES)).astype(np.float32)
    layer(steps)
    inputs = {
        "steps": tf.TensorSpec((1, LENGTH, VALUES), tf.float32),
        "present": tf.TensorSpec((1, LENGTH), tf.int32),
    }
    ask = convert_layer(layer, lambda steps, present: last_vector(layer, steps, present > 0), inputs)
    for count in (0, 1, 5, LENGTH):
        mask = np.arange(LENGTH)[None] < count
        wanted = layer(steps, mask=mask)[:, -1]
        np.testing.assert_allclose(ask(steps=steps, present=mask.astype(np.int32)), wanted, rtol=1e-4, atol=1e-5)
