"""Recurrent layers of Keras, run cell by cell as training needs them."""

from __future__ import annotations

from collections.abc import Callable

import keras
import tensorflow as tf

Values = list[tf.Tensor]

#: Steps up to which no loop is compiled: a loop's turn costs more than a small cell, but each copy is compiled.
UNROLLED = 16


def is_recurrent(layer: object) -> bool:
    """Whether it is a recurrent layer of Keras that gives its output at each step and keeps nothing between calls."""
    if not isinstance(layer, keras.layers.RNN) or not layer.return_sequences:
        return False
    return not (layer.go_backwards or layer.stateful or layer.return_state or layer.zero_output_for_mask)


def trains_by_cell(layer: object) -> bool:
    """Whether `outputs_by_step` is what the layer gives in training too.

    A cell of Keras keeps one pattern of its dropout for all steps, which only the layer itself begins anew.
    """
    drops = any(getattr(getattr(layer, "cell", None), name, 0) for name in ("dropout", "recurrent_dropout"))
    return is_recurrent(layer) and not drops


def outputs_by_step(
    layer: keras.layers.RNN, steps: tf.Tensor, mask: tf.Tensor, begins: tf.Tensor | None = None
) -> tf.Tensor:
    """float32 [rows, length, units]: what `layer(steps, mask=mask)` is, each history of a row on its own.

    Args:
        steps: float32 [rows, length, values].
        mask: bool [rows, length]; over a masked step the state and the output stay as they were.
        begins: bool [rows, length], where a history begins and the state starts anew; None: a row is one history.
    """
    nested = layer.get_initial_state(tf.shape(steps)[0])
    states = tf.nest.flatten(nested)
    empty = [*states, tf.zeros((steps.shape[0] or tf.shape(steps)[0], layer.cell.output_size))]

    def step(before: Values, now: Values) -> Values:
        values, real, *begin = now
        if begin:
            before = [tf.where(begin[0], start, old) for start, old in zip(empty, before, strict=True)]
        output, after = layer.cell(values, tf.nest.pack_sequence_as(nested, before[:-1]))
        new = [*tf.nest.flatten(after), output]
        return [tf.where(real, value, old) for value, old in zip(new, before, strict=True)]

    by_step = [tf.transpose(steps, [1, 0, 2]), tf.transpose(mask)[..., None]]
    if begins is not None:
        by_step.append(tf.transpose(begins)[..., None])
    return tf.transpose(_over_time(step, by_step, empty), [1, 0, 2])


def training_outputs(layer: keras.Layer, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    """What an encoder gives in training: a recurrent layer is run cell by cell where that gives the same."""
    return outputs_by_step(layer, steps, mask) if trains_by_cell(layer) and layer.built else layer(steps, mask=mask)


def avoid_cudnn(layer: keras.Layer) -> None:
    """Keras would ask for cuDNN on a GPU, which a compiled step cannot call."""
    for part in layer._flatten_layers():
        if hasattr(part, "use_cudnn"):
            part.use_cudnn = False


def _over_time(step: Callable[[Values, Values], Values], by_step: Values, first: Values) -> tf.Tensor:
    """The last of the values after each step, stacked."""
    length = by_step[0].shape[0]
    if length is None or length > UNROLLED:
        return tf.scan(step, by_step, first)[-1]
    values, outputs = first, []
    for at in range(length):
        values = step(values, [column[at] for column in by_step])
        outputs.append(values[-1])
    return tf.stack(outputs)
