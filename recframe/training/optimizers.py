"""The optimizers, and how Adagrad must start so that a model learns at all with Model Maker's settings."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from recframe.model.dual_encoder import DualEncoder
from recframe.spec.experiment import TrainSpec

#: Adagrad divides a gradient by the root of (start + the sum of its squares). Keras starts at 0.1. The gradient of an
#: input embedding is a mean over the batch and over the history, a thousandth of that, so the table would hardly move.
TABLE_START = 1e-8
#: All examples pull a bias the same way at first, towards the popular items. Too fast, and its ReLU unit is 0 for ever.
BIAS_START = 1.0
OTHER_START = 1e-2
KERAS_START = 0.1


class StartedAdagrad(keras.optimizers.Adagrad):  # type: ignore[misc]
    """Adagrad whose accumulators start where each kind of variable needs it.

    Args:
        tables: Paths of the variables that start at TABLE_START; biases start at BIAS_START, the rest at OTHER_START.
    """

    def __init__(self, learning_rate: float, tables: frozenset[str], global_clipnorm: float | None) -> None:
        super().__init__(learning_rate, global_clipnorm=global_clipnorm)
        self.tables = tables

    def build(self, variables: Sequence[keras.Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        for variable, accumulator in zip(variables, self._accumulators, strict=True):
            start = BIAS_START if variable.path.endswith("/bias") else OTHER_START
            start = TABLE_START if variable.path in self.tables else start
            accumulator.assign(np.full(variable.shape, start, np.float32))


def build_optimizer(spec: TrainSpec, model: DualEncoder) -> keras.optimizers.Optimizer:
    """The optimizer that the spec asks for, with its variables made for the model."""
    clip = spec.gradient_clip_norm or None
    optimizer: keras.optimizers.Optimizer
    if spec.optimizer == "adagrad":
        tables = {variable.path for layer in model.feature_layers.values() for variable in layer.variables}
        optimizer = StartedAdagrad(spec.learning_rate, frozenset(tables), clip)
    elif spec.optimizer == "adagrad_model_maker":
        optimizer = keras.optimizers.Adagrad(spec.learning_rate, initial_accumulator_value=KERAS_START, clipnorm=clip)
    else:
        optimizer = keras.optimizers.AdamW(spec.learning_rate, weight_decay=spec.weight_decay, global_clipnorm=clip)
    optimizer.build(model.trainable_variables)
    return optimizer
