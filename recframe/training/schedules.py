"""The learning rate over the steps of training: a linear warm-up, then a constant rate or a cosine."""

from __future__ import annotations

import math
from typing import Any

import keras
import tensorflow as tf

from recframe.spec.train import TrainSpec


class Schedule(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """The learning rate of a step.

    Args:
        rate: The rate after the warm-up.
        warmup: Steps over which the rate rises to `rate`.
        end: The step at which a cosine from the end of the warm-up reaches 0; None to keep the rate.

    Source of the cosine: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR 2017.
    """

    def __init__(self, rate: float, warmup: float, end: float | None) -> None:
        self.rate, self.warmup, self.end = rate, warmup, end

    def __call__(self, step: Any) -> tf.Tensor:
        """The rate of a step, a float32 scalar. Steps count from 0, and the first one has a rate above 0."""
        step = tf.cast(tf.convert_to_tensor(step), tf.float32)
        rate = tf.constant(self.rate, tf.float32)
        if self.warmup:
            rate *= tf.minimum((step + 1) / self.warmup, 1.0)
        if self.end is not None:
            share = (step - self.warmup) / max(self.end - self.warmup, 1.0)
            rate *= 0.5 * (1 + tf.cos(math.pi * tf.clip_by_value(share, 0.0, 1.0)))
        return rate

    def get_config(self) -> dict[str, Any]:
        return {"rate": self.rate, "warmup": self.warmup, "end": self.end}


def learning_rate(spec: TrainSpec, steps: int) -> float | Schedule:
    """The learning rate of a spec: a number if it never changes.

    Args:
        steps: Optimizer steps in an epoch.
    """
    if not spec.warmup_epochs and spec.schedule == "constant":
        return spec.learning_rate
    end = float(spec.epochs * steps) if spec.schedule == "cosine" else None
    return Schedule(spec.learning_rate, spec.warmup_epochs * steps, end)
