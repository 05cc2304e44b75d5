"""Layers that do something in training alone, inside an encoder that the core does not know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from recframe.plugin import manager
from recframe.plugin.types import EncoderContext, EncoderType, NoOptions
from recframe.runs.training import train
from recframe.spec.convert import structure

SMALL: dict[str, Any] = {
    "dataset": {"type": "synthetic", "users": 40, "items": 25, "events_per_user": 12},
    "model": {"width": 8, "history_length": 6, "num_predictions": 5, "dropout": 0.0},
    "train": {"epochs": 2, "batch_size": 16, "tensorboard": False},
    "evaluation": {"top_k": [5], "baselines": ["popularity"]},
    "encoder": {"type": "tried"},
    "exporters": [],
}


class Steps(keras.layers.Layer):  # type: ignore[misc]
    """A causal encoder: each step through layers of Keras, and a padded step repeats the one before."""

    def __init__(self, *layers: keras.layers.Layer) -> None:
        super().__init__()
        self.layers = list(layers)

    def build(self, shape: Any) -> None:
        for layer in self.layers:
            layer.build(shape)
            shape = layer.compute_output_shape(shape)

    def call(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        last = tf.maximum(tf.cumsum(tf.cast(mask, tf.int32), axis=1) - 1, 0)
        kept = tf.gather(steps, last, batch_dims=1) * tf.cast(mask[:, :1, None], tf.float32)
        for layer in self.layers:
            kept = layer(kept)
        return kept


def _model(build: Callable[[], keras.layers.Layer], seed: int = 0, **changes: Any) -> Any:
    kind = EncoderType("tried", summary="x", options=NoOptions, build=lambda o, c: build(), causal=True)
    registries = manager.load(allowed="").registries.extended([kind], "recframe-tried 1.0")
    spec = structure({**SMALL, "seed": seed, **changes}, registries)
    return train(spec, registries).model


def _weights(model: Any) -> list[np.ndarray]:
    return [np.asarray(weight) for weight in model.weights]


def _equal(one: Any, other: Any) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(_weights(one), _weights(other), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["windows", "positions"])
def test_dropout_of_keras_counts_and_repeats_to_the_bit(mode: str) -> None:
    def trained(rate: float) -> Any:
        changes = {"train": {**SMALL["train"], "mode": mode}}
        return _model(lambda: Steps(keras.layers.Dense(8), keras.layers.Dropout(rate)), **changes)

    much, again, little = trained(0.9), trained(0.9), trained(0.1)
    assert _equal(much, again)
    assert not _equal(much, little)
    history = {"item": tf.constant([[3, 5, 7, 0, 0, 0]])}
    np.testing.assert_array_equal(much.queries(history)[0], much.queries(history)[0])


@pytest.mark.slow
def test_batch_normalization_learns_its_moments_and_keeps_them_afterwards() -> None:
    model = _model(lambda: Steps(keras.layers.Dense(8), keras.layers.BatchNormalization()))
    normal = model.encoder_layers["history"].layers[1]
    mean = np.asarray(normal.moving_mean)
    assert np.abs(mean).max() > 0
    model.queries({"item": tf.constant([[3, 5, 7, 0, 0, 0]])})
    np.testing.assert_array_equal(normal.moving_mean, mean)


@pytest.mark.slow
def test_a_regulariser_makes_weights_smaller() -> None:
    def norm(factor: float) -> float:
        regularizer = keras.regularizers.L2(factor)
        model = _model(lambda: Steps(keras.layers.Dense(8, kernel_regularizer=regularizer)))
        return float(np.linalg.norm(model.encoder_layers["history"].layers[0].kernel))

    assert norm(1.0) < 0.7 * norm(0.0)


@pytest.mark.slow
def test_dropout_within_a_recurrent_layer_counts() -> None:
    def trained(rate: float) -> Any:
        return _model(lambda: keras.layers.LSTM(6, return_sequences=True, dropout=rate, recurrent_dropout=rate))

    assert not trained(0.5).can_pack  # its cell keeps one pattern for a whole row
    assert _equal(trained(0.5), trained(0.5))
    assert not _equal(trained(0.5), trained(0.0))


def test_build_learns_the_width_of_the_steps() -> None:
    contexts = list[EncoderContext]()

    def build(options: NoOptions, context: EncoderContext) -> keras.layers.Layer:
        contexts.append(context)
        return Steps(keras.layers.Dense(8))

    kind = EncoderType("tried", summary="x", options=NoOptions, build=build, causal=True)
    registries = manager.load(allowed="").registries.extended([kind], "recframe-tried 1.0")
    groups = {
        "history": {
            "scope": "history",
            "encoder": {"type": "tried"},
            "features": {
                "item": {"type": "int", "source": "item"},
                "genres": {"type": "strings", "source": "genres", "embedding_dim": 5},
            },
        }
    }
    spec = structure({**SMALL, "groups": groups}, registries)
    train(spec, registries)
    assert [(c.width, c.history_length, c.step_width) for c in contexts] == [(8, 6, 8 + 5)]


def test_no_layer_asks_for_cudnn() -> None:
    model = _model(lambda: keras.layers.LSTM(6, return_sequences=True))
    assert model.encoder_layers["history"].use_cudnn is False
