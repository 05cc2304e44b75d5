"""Computes only the last vector of a causal encoder. Serving does not need the vectors of earlier steps."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from recframe.model.recurrence import is_recurrent

#: Cells whose output is their first state, so that it need not be stored separately.
_OUTPUT_IS_STATE = (keras.layers.LSTMCell, keras.layers.GRUCell, keras.layers.SimpleRNNCell)


def last_vector(layer: Any, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    """float32 [batch, units]: equals `layer(steps, mask=mask)[:, -1]`, computed in the cheapest way.

    Args:
        layer: A causal encoder. If it has a method `last(steps, mask)`, that is used. A recurrent Keras layer is run
            cell by cell.
        steps: float32 [batch, length, values].
        mask: bool [batch, length].
    """
    if hasattr(layer, "last"):
        return layer.last(steps, mask)
    return _last_state(layer, steps, mask) if is_recurrent(layer) else layer(steps, mask=mask)[:, -1]


def _last_state(layer: keras.layers.RNN, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    """Run the cell of a recurrent layer and keep only its state.

    Keras writes each step's vector into a list, and a phone copies the whole list at each step. The loop here ends
    after the last step that is not padding, so a short history is cheap. It runs once per event, so it has few
    operators.
    """
    batch, length = steps.shape[0] or tf.shape(steps)[0], steps.shape[1]
    by_step, real = tf.transpose(steps, [1, 0, 2]), tf.transpose(mask)[..., None]
    end = tf.reduce_max(tf.where(mask, tf.range(1, length + 1)[None], 0))
    nested = layer.get_initial_state(batch)
    states = tf.nest.flatten(nested)
    outputs = [] if type(layer.cell) in _OUTPUT_IS_STATE else [tf.zeros((batch, layer.cell.output_size))]

    def step(at: tf.Tensor, *kept: tf.Tensor) -> tuple[tf.Tensor, ...]:
        # `by_step[at]` would first compute the two bounds of a slice.
        now, happened = tf.gather(by_step, at), tf.gather(real, at)
        output, next_states = layer.cell(now, tf.nest.pack_sequence_as(nested, kept[: len(states)]))
        new = [*tf.nest.flatten(next_states), output]
        return at + 1, *(tf.where(happened, value, old) for value, old in zip(new, kept, strict=False))

    _, *kept = tf.while_loop(lambda at, *_: at < end, step, (tf.constant(0), *states, *outputs))
    return kept[-1] if outputs else kept[0]
