"""The optimizers, and start values for Adagrad with which a model learns under Model Maker's settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import keras
import numpy as np
import tensorflow as tf

from recframe.model.dual_encoder import DualEncoder
from recframe.spec.train import TrainSpec
from recframe.training.row_gradients import RowGradients, row_gradients
from recframe.training.schedules import Schedule, learning_rate

#: Adagrad divides a gradient by the root of (start + the sum of its squares). Keras starts at 0.1. The gradient of an
#: input embedding is a mean over the batch and the history, so it is about a thousand times smaller than that root, and
#: the table would hardly change.
TABLE_START = 1e-8
#: At first, all examples move a bias in the same direction, towards the popular items. If it moves too fast, its ReLU
#: unit stays 0 for ever.
BIAS_START = 1.0
OTHER_START = 1e-2
KERAS_START = 0.1


class RowByRow(keras.optimizers.Optimizer):  # type: ignore[misc]
    """Updates only the rows of a table that have a gradient, clips sparse and dense gradients alike, and averages.

    A row without a gradient keeps its moments. Keras's AdamW would decay the moments and still change the row. For
    Adagrad the result is the same.
    """

    def clip(self, clip_norm: float | None, clip_each: bool = False) -> None:
        """Set the clipping of gradients.

        Args:
            clip_norm: The largest norm; None for no clipping.
            clip_each: Whether the norm is of each variable's gradient. If not, it is of all gradients together.
        """
        self.clip_norm, self.clip_each = clip_norm, clip_each

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[keras.Variable] | None = None) -> None:
        """Apply one step. A gradient is a tensor or `tf.IndexedSlices`."""
        reached = [(g, v) for g, v in zip(grads, trainable_variables or (), strict=True) if g is not None]
        gradients = self._clipped([row_gradients(gradient, variable.shape[0]) for gradient, variable in reached])
        pairs = [(gradient, variable) for gradient, (_, variable) in zip(gradients, reached, strict=True)]
        for gradient, variable in pairs:
            if isinstance(gradient, RowGradients):
                self._update_rows(gradient, variable)
        dense = [(gradient, variable) for gradient, variable in pairs if not isinstance(gradient, RowGradients)]
        # This also counts the step. There is always a dense gradient: that of the projection.
        super().apply([gradient for gradient, _ in dense], [variable for _, variable in dense])

    def _update_model_variables_moving_average(self, trainable_variables: Sequence[keras.Variable]) -> None:
        """As Keras's, but at first the averages span a quarter of the steps so far, so few steps leave no trace."""
        if not self.use_ema:
            return
        steps = tf.cast(tf.convert_to_tensor(self.iterations), tf.float32)
        momentum = tf.minimum(self.ema_momentum, steps / (steps + 4.0))
        for variable, average in zip(trainable_variables, self._model_variables_moving_average, strict=True):
            average.assign(momentum * average + (1.0 - momentum) * variable)

    def _clipped(self, gradients: list[RowGradients | tf.Tensor]) -> list[RowGradients | tf.Tensor]:
        if self.clip_norm is None:
            return gradients
        squares = [g.squared_norm() if isinstance(g, RowGradients) else tf.reduce_sum(g * g) for g in gradients]
        if not self.clip_each:
            squares = [tf.add_n(squares)] * len(gradients)
        factors = [self.clip_norm / tf.maximum(tf.sqrt(square), self.clip_norm) for square in squares]
        return [
            attrs.evolve(g, values=g.values * factor) if isinstance(g, RowGradients) else g * factor
            for g, factor in zip(gradients, factors, strict=True)
        ]

    def _update_rows(self, gradient: RowGradients, variable: keras.Variable) -> None:
        raise NotImplementedError


def _set_rows(variable: keras.Variable, ids: tf.Tensor, values: tf.Tensor) -> None:
    variable.value.scatter_nd_update(ids[:, None], values)


class AdamW(RowByRow, keras.optimizers.AdamW):  # type: ignore[misc]
    """Keras's AdamW. If few rows of a table have a gradient, only these are updated."""

    def _update_rows(self, gradient: RowGradients, variable: keras.Variable) -> None:
        index = self._get_variable_index(variable)
        first, second = self._momentums[index], self._velocities[index]
        step = tf.cast(tf.convert_to_tensor(self.iterations) + 1, tf.float32)
        rate = tf.cast(self.learning_rate, tf.float32)
        corrected = rate * tf.sqrt(1 - self.beta_2**step) / (1 - self.beta_1**step)
        ids, values = gradient.ids, gradient.values
        mean = self.beta_1 * tf.gather(first.value, ids) + (1 - self.beta_1) * values
        square = self.beta_2 * tf.gather(second.value, ids) + (1 - self.beta_2) * values * values
        rows = tf.gather(variable.value, ids) * (1 - rate * (self.weight_decay or 0.0))
        _set_rows(variable, ids, rows - corrected * mean / (tf.sqrt(square) + self.epsilon))
        _set_rows(first, ids, mean)
        _set_rows(second, ids, square)


class Adagrad(RowByRow, keras.optimizers.Adagrad):  # type: ignore[misc]
    """Keras's Adagrad. If few rows of a table have a gradient, only these are updated."""

    def _update_rows(self, gradient: RowGradients, variable: keras.Variable) -> None:
        accumulator = self._accumulators[self._get_variable_index(variable)]
        ids, values = gradient.ids, gradient.values
        sums = tf.gather(accumulator.value, ids) + values * values
        rate = tf.cast(self.learning_rate, tf.float32)
        _set_rows(variable, ids, tf.gather(variable.value, ids) - rate * values / tf.sqrt(sums + self.epsilon))
        _set_rows(accumulator, ids, sums)


class AdagradWithStarts(Adagrad):
    """Adagrad with a start value of the accumulators for each kind of variable.

    Args:
        tables: Paths of the variables that start at TABLE_START. Biases start at BIAS_START, others at OTHER_START.
        average: Keras's arguments for a moving average of the weights.
    """

    def __init__(self, learning_rate: float | Schedule, tables: frozenset[str], **average: Any) -> None:
        super().__init__(learning_rate, **average)
        self.tables = tables

    def build(self, variables: Sequence[keras.Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        for variable, accumulator in zip(variables, self._accumulators, strict=True):
            start = BIAS_START if variable.path.endswith("/bias") else OTHER_START
            start = TABLE_START if variable.path in self.tables else start
            accumulator.assign(np.full(variable.shape, start, np.float32))


def build_optimizer(spec: TrainSpec, model: DualEncoder, steps: int, all_rows: bool) -> RowByRow:
    """The optimizer in the spec, built for the variables of the model.

    A weight decay and an average that are told in epochs mean the same for little data and for much, and for any size
    of the batches (Wang and Aitchison, How to set AdamW's weight decay as you scale model and dataset size,
    arXiv 2405.13698).

    Args:
        steps: Optimizer steps in an epoch.
        all_rows: Whether a step changes all rows of the table.
    """
    optimizer: RowByRow
    rate = learning_rate(spec, steps)
    span = steps * (float(all_rows) if spec.averaging is None else spec.averaging)
    average = {"use_ema": True, "ema_momentum": 1 - 1 / span} if span > 1 else {}
    if spec.optimizer == "adagrad":
        tables = {variable.path for layer in model.feature_layers.values() for variable in layer.variables}
        optimizer = AdagradWithStarts(rate, frozenset(tables), **average)
    elif spec.optimizer == "adagrad_model_maker":
        optimizer = Adagrad(rate, initial_accumulator_value=KERAS_START, **average)
    else:
        # Keras's decay of a step is `weight_decay` times the learning rate.
        optimizer = AdamW(rate, weight_decay=spec.weight_decay / (steps * spec.learning_rate), **average)
    optimizer.clip(spec.gradient_clip_norm or None, clip_each=spec.optimizer == "adagrad_model_maker")
    optimizer.build(model.trainable_variables)
    return optimizer
