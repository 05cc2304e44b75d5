"""Encoders that break their contract are refused before training; the probe does not change others."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import recframe
from recframe import train
from recframe.errors import PluginError
from recframe.plugin import manager
from recframe.plugin.types import EncoderContext, EncoderType, NoOptions
from recframe.runs import training as run_module
from recframe.spec.convert import structure

SMALL: dict[str, Any] = {
    "dataset": {"type": "synthetic", "users": 40, "items": 25, "events_per_user": 12},
    "model": {"width": 8, "history_length": 6, "num_predictions": 5},
    "train": {"epochs": 1, "batch_size": 64, "tensorboard": False},
    "evaluation": {"top_k": [5], "baselines": ["popularity"]},
    "exporters": [],
}


class Plain(keras.layers.Layer):  # type: ignore[misc]
    """The mean of the real steps, through a dense layer: right, and not causal."""

    supports_masking = True

    def __init__(self) -> None:
        super().__init__()
        self.dense = keras.layers.Dense(8)

    def build(self, shape: Any) -> None:
        self.dense.build(shape)

    def weights_of(self, mask: tf.Tensor) -> tf.Tensor:
        return tf.cast(mask, tf.float32)[..., None]

    def call(self, steps: tf.Tensor, mask: tf.Tensor) -> Any:
        kept = self.weights_of(mask)
        return tf.reduce_sum(self.dense(steps) * kept, axis=1) / tf.maximum(tf.reduce_sum(kept, axis=1), 1.0)


class IgnoresItsMask(Plain):
    def weights_of(self, mask: tf.Tensor) -> tf.Tensor:
        return tf.ones_like(tf.cast(mask, tf.float32))[..., None]


class DividesByTheLength(Plain):
    def call(self, steps: tf.Tensor, mask: tf.Tensor) -> Any:
        return tf.reduce_sum(self.dense(steps) * self.weights_of(mask), axis=1) / float(steps.shape[1])


class MeanOfTheBatch(Plain):
    def call(self, steps: tf.Tensor, mask: tf.Tensor) -> Any:
        vectors = super().call(steps, mask)
        return vectors - tf.reduce_mean(vectors, axis=0)


class Random(Plain):
    def call(self, steps: tf.Tensor, mask: tf.Tensor) -> Any:
        return super().call(steps, mask) + tf.random.normal([8])


class NotANumber(Plain):
    def call(self, steps: tf.Tensor, mask: tf.Tensor) -> Any:
        kept = self.weights_of(mask)
        return tf.reduce_sum(self.dense(steps) * kept, axis=1) / tf.reduce_sum(kept, axis=1)


class AllSteps(Plain):
    def call(self, steps: tf.Tensor, mask: tf.Tensor) -> Any:
        return self.dense(steps) * self.weights_of(mask)


class Half(Plain):
    def call(self, steps: tf.Tensor, mask: tf.Tensor) -> Any:
        return tf.cast(super().call(steps, mask), tf.float16)


class SeveralOutputs(Plain):
    def call(self, steps: tf.Tensor, mask: tf.Tensor) -> Any:
        return super().call(steps, mask), self.dense(steps)


class OneNumber(Plain):
    def call(self, steps: tf.Tensor, mask: tf.Tensor) -> Any:
        return tf.reduce_sum(super().call(steps, mask))


class RunningMean(Plain):
    """Causal, and right: a padded step repeats the vector before it."""

    def call(self, steps: tf.Tensor, mask: tf.Tensor) -> Any:
        kept = self.weights_of(mask)
        sums = tf.cumsum(self.dense(steps) * kept, axis=1)
        return sums / tf.maximum(tf.cumsum(kept, axis=1), 1.0)


class LooksAhead(RunningMean):
    def call(self, steps: tf.Tensor, mask: tf.Tensor) -> Any:
        ahead = tf.roll(super().call(steps, mask), -1, axis=1)
        return tf.where(mask[..., None], ahead, ahead[:, -1:])


class PaddingIsZero(RunningMean):
    def call(self, steps: tf.Tensor, mask: tf.Tensor) -> Any:
        return super().call(steps, mask) * self.weights_of(mask)


class OtherLast(RunningMean):
    def last(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        return self(steps, mask=mask)[:, 0]


class PacksWithoutBorders(RunningMean):
    def packed(self, steps: tf.Tensor, mask: tf.Tensor, segments: tf.Tensor) -> tf.Tensor:
        return self(steps, mask=mask)


class Constant(Plain):
    """Its weights have gradients, of 0."""

    def call(self, steps: Any, mask: Any) -> Any:
        return super().call(steps, mask) * 0.0


class Unused(Plain):
    def build(self, shape: Any) -> None:
        super().build(shape)
        self.scale = self.add_weight(shape=(), initializer="ones", name="scale")


class NormOfZero(Plain):
    def call(self, steps: tf.Tensor, mask: tf.Tensor) -> Any:
        vectors = super().call(steps, mask)
        return tf.concat([vectors, tf.norm(vectors, axis=-1, keepdims=True)], axis=-1)


class FutureByABias(RunningMean):
    """Leaks the future through a weight that starts at 0, and so hides it until it has learnt."""

    def build(self, shape: Any) -> None:
        super().build(shape)
        self.gate = self.add_weight(shape=(), initializer="zeros")

    def call(self, steps: tf.Tensor, mask: tf.Tensor) -> Any:
        vectors = super().call(steps, mask)
        return vectors + self.gate * vectors[:, -1:]


WRONG = [
    (IgnoresItsMask, False, "reads padded steps"),
    (DividesByTheLength, False, "more padding"),
    (MeanOfTheBatch, False, "other histories are in the batch"),
    (Random, False, "gives different outputs for the same input"),
    (NotANumber, False, "not finite"),
    (
        AllSteps,
        False,
        r"returns float32 \[2, 6, 8\]: an encoder that is not causal must return float32 \[batch, units\]",
    ),
    (Half, False, r"returns float16 \[2, 8\]"),
    (SeveralOutputs, False, r"returns a tuple: .* must return one float32 tensor \[batch, units\]"),
    (OneNumber, False, r"returns float32 \[\]"),
    (Plain, True, r"returns float32 \[2, 8\]: a causal encoder must return float32 \[batch, length, units\]"),
    (LooksAhead, True, "declared causal but reads later steps"),
    (FutureByABias, True, "declared causal but reads later steps"),
    (PaddingIsZero, True, "a padded step must repeat the vector of the step before it"),
    (OtherLast, True, "a method `last` that differs from the last vector of its call"),
    (Constant, False, "gives the same output for all of 16 random histories"),
    (Unused, False, "a weight that never learns, .*scale: no gradient reaches it"),
    (NormOfZero, False, "a gradient that is not finite"),
    (PacksWithoutBorders, True, "a method `packed` that gives other vectors"),
]


def with_encoder(
    monkeypatch: pytest.MonkeyPatch, make: Callable[[Any, EncoderContext], Any], causal: bool, **options: Any
) -> recframe.ExperimentSpec:
    """The spec of a small run whose encoder a plugin gives."""
    made = EncoderType("mine", summary="A test's.", options=NoOptions, build=make, causal=lambda options: causal)

    class Plugin:
        @recframe.hookimpl
        def recframe_encoders(self) -> Any:
            yield made

    registries = manager.load([("recframe-mine", Plugin())], allowed="").registries
    monkeypatch.setattr("recframe.plugin.manager.load_plugins", lambda: registries)
    return structure({**SMALL, "encoder": "mine", **options}, registries)


@pytest.mark.parametrize(("layer", "causal", "words"), WRONG, ids=[layer.__name__ for layer, _, _ in WRONG])
def test_an_encoder_that_breaks_its_word_is_refused_before_training(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, layer: type, causal: bool, words: str
) -> None:
    spec = with_encoder(monkeypatch, lambda options, context: layer(), causal)
    place = r"\(.*test_encoder_probe\.py:\d+\); `recframe check recframe-mine` tests it in detail$"
    with pytest.raises(
        PluginError, match=rf"^(group 'history': )?encoder 'mine' of recframe-mine 0 .*{words}.*{place}"
    ):
        train(spec, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(("layer", "causal"), [(Plain, False), (RunningMean, True)])
def test_an_encoder_that_keeps_its_word_is_trained(monkeypatch: pytest.MonkeyPatch, layer: type, causal: bool) -> None:
    assert train(with_encoder(monkeypatch, lambda options, context: layer(), causal)).metrics["test"]


class Drawing(Plain):
    """Right, with weights that are no part of training and random states of every kind in its `call`."""

    def build(self, shape: Any) -> None:
        super().build(shape)
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False)
        self.dropout = keras.layers.Dropout(0.5)

    def call(self, steps: tf.Tensor, mask: tf.Tensor) -> Any:
        random.random()
        np.random.normal()
        self.calls.assign_add(1.0)
        return self.dropout(super().call(steps, mask))


@pytest.mark.parametrize("encoder", ["bow", "cnn", "lstm", "mine"])
def test_the_probe_changes_no_result(monkeypatch: pytest.MonkeyPatch, encoder: str) -> None:
    spec = with_encoder(monkeypatch, lambda options, context: Drawing(), False, encoder=encoder)
    probed = train(spec)
    states = random.getstate(), np.random.get_state()[1].tolist()  # type: ignore[index]
    asked = []
    monkeypatch.setattr(run_module, "probe_encoders", lambda *arguments: asked.append(arguments))
    bare = train(spec)
    assert asked
    assert states == (random.getstate(), np.random.get_state()[1].tolist())  # type: ignore[index]
    for one, other in zip(probed.model.get_weights(), bare.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert probed.history == bare.history


def test_it_takes_no_time_to_speak_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fraction of what building and compiling takes: the LSTM at its usual length is the slowest of the built-ins."""
    import time

    from recframe.model.encoder_probe import probe_encoders

    registries = manager.load(allowed="").registries
    spec = structure({**SMALL, "encoder": "lstm", "model": {"history_length": 50}, "train": {"epochs": 0}}, registries)
    run = train(spec)
    start = time.perf_counter()
    probe_encoders(run.model)
    assert time.perf_counter() - start < 5  # 0.3 s on a quiet machine
