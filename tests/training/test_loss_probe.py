"""A loss that training could not minimise to any use is refused before the first step; every sound one passes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs
import numpy as np
import pytest
import tensorflow as tf

import recframe
from recframe.errors import PluginError
from recframe.plugin import manager
from recframe.plugin.registry import Registries
from recframe.spec.experiment import Component
from recframe.training.loss_probe import probe_loss

Loss = Callable[..., Any]


def probe(loss: Loss) -> None:
    """Probe a loss of an installed plugin."""

    class Plugin:
        @recframe.hookimpl
        def recframe_losses(self) -> Iterator[recframe.LossType]:
            yield recframe.LossType("mine", summary="For the test.", build=lambda options, context: loss)

    registries = manager.load([("recframe-mine", Plugin())], allowed="", strict=True).registries
    spec = attrs.evolve(recframe.compose([]), loss=Component("mine", recframe.NoOptions()))
    probe_loss(spec, registries)


def mean(values: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(values * weights) / tf.maximum(tf.reduce_sum(weights), 1.0)


def cross_entropy(vectors: tf.Tensor, table: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    scores = tf.matmul(vectors, table, transpose_b=True)
    return mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, scores), weights)


def of_rows(vectors: tf.Tensor, table: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """Reads some rows of the table alone, so that its gradient is of IndexedSlices; and is negative."""
    return -mean(tf.sigmoid(tf.reduce_sum(vectors * tf.gather(table, labels), axis=1)), weights)


def unseeded(vectors: tf.Tensor, table: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    drawn = tf.random.uniform([5], 1, table.shape[0], tf.int32)
    own = tf.reduce_sum(vectors * tf.gather(table, labels), axis=1)
    others = tf.matmul(vectors, tf.gather(table, drawn), transpose_b=True)
    return mean(tf.reduce_mean(tf.nn.softplus(others - own[:, None]), axis=1), weights)


def hinge(vectors: tf.Tensor, table: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """Is 0, without a gradient, where all labels score high enough."""
    return mean(tf.nn.relu(1.0 - tf.reduce_sum(vectors * tf.gather(table, labels), axis=1)), weights)


@pytest.mark.parametrize("loss", [cross_entropy, of_rows, unseeded, hinge])
def test_sound_losses_pass(loss: Loss) -> None:
    probe(loss)


@pytest.mark.parametrize("name", recframe.load_plugins().losses.names())
def test_built_in_losses_pass(name: str) -> None:
    registries: Registries = recframe.load_plugins()
    probe_loss(recframe.compose([f"loss={name}"]), registries)


def after(change: Callable[[tf.Tensor], Any]) -> Loss:
    return lambda vectors, table, labels, weights: change(cross_entropy(vectors, table, labels, weights))


BROKEN: dict[str, tuple[Loss, str]] = {
    "nothing": (lambda v, t, labels, w: None, "gives None as its loss; expected one finite float32 number"),
    "a number of Python": (after(float), "gives a float as its loss"),
    "one a row": (lambda v, t, labels, w: w * tf.reduce_sum(v, 1), r"gives float32 \[8\] as its loss"),
    "wide": (after(lambda loss: tf.cast(loss, tf.float64)), r"gives float64 \[\] as its loss"),
    "not a number": (after(lambda loss: loss * float("nan")), "gives nan as its loss"),
    "constant": (after(lambda loss: tf.constant(1.0)), "has no gradient for the vectors"),
    "without the table": (
        lambda v, t, labels, w: cross_entropy(v, tf.stop_gradient(t), labels, w),
        "has no gradient for the table",
    ),
    "an infinite gradient": (
        lambda v, t, labels, w: cross_entropy(v, t, labels, w) + tf.sqrt(tf.reduce_sum(v * 0) + tf.reduce_sum(t * 0)),
        "that is not finite",
    ),
    "whatever the labels": (
        lambda v, t, labels, w: mean(tf.reduce_logsumexp(tf.matmul(v, t, transpose_b=True), 1), w),
        "expected a loss that depends on the labels",
    ),
    "the wrong sign": (after(tf.negative), "expected the smaller loss for the right labels; has it the wrong sign"),
    "padding too": (
        lambda v, t, labels, w: cross_entropy(v, t, labels, tf.ones_like(w)),
        "has a gradient for rows of weight 0",
    ),
    "NumPy inside": (
        lambda v, t, labels, w: after(lambda loss: loss * np.sum(w.numpy() > 0))(v, t, labels, w),
        "fails",
    ),
    "no kernel of XLA": (
        lambda v, t, labels, w: (
            cross_entropy(v, t, labels, w) * tf.strings.to_number(tf.strings.as_string(tf.abs(v[0, 0])))
        ),
        "fails when its loss is compiled by XLA",
    ),
}


@pytest.mark.parametrize(("loss", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_loss_is_refused_with_plugin_and_rule(loss: Loss, words: str) -> None:
    with pytest.raises(
        PluginError, match=rf"(?s)^loss 'mine' of recframe-mine 0 .*{words}.*recframe check recframe-mi"
    ):
        probe(loss)


def test_training_asks_the_probe() -> None:
    backwards = recframe.LossType("backwards", summary="Wrong.", build=lambda options, context: after(tf.negative))
    registries = recframe.load_plugins().extended([backwards], "recframe-mine 0")
    spec = recframe.compose(["dataset.users=30", "dataset.items=20"])
    from recframe.runs.training import train

    with pytest.raises(PluginError, match="the smaller loss for the right labels"):
        train(attrs.evolve(spec, loss=Component("backwards", recframe.NoOptions())), registries)
