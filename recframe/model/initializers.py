"""The initial values of tables."""

from __future__ import annotations

import keras
import tensorflow as tf

from recframe.spec.experiment import ModelSpec


def one_then_zeros(shape: tuple[int, ...], dtype: object = None) -> tf.Tensor:
    return tf.one_hot(0, shape[0])


def embedding_initializer(spec: ModelSpec, width: int, seed: int) -> keras.Initializer:
    if spec.embedding_start == "model_maker":
        return keras.initializers.TruncatedNormal(stddev=width**-0.5, seed=seed)
    return keras.initializers.RandomUniform(-0.05, 0.05, seed=seed)
