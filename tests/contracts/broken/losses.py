"""Losses that each break one demand of LossContract."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from recframe.plugin.types import LossType
from tests.contracts.broken.listing import broken


def loss(name: str, function: Callable[..., tf.Tensor], demand: str) -> None:
    broken(LossType(name, summary="Broken.", build=lambda options, context: function), demand)


def losses_of(vectors: tf.Tensor, table: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    scores = tf.matmul(vectors, table, transpose_b=True)
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, scores)


loss("counts_padding", lambda v, t, labels, w: tf.reduce_mean(losses_of(v, t, labels)), "padded rows count for nothing")
loss(
    "no_rows",
    lambda v, t, labels, w: tf.reduce_sum(w * losses_of(v, t, labels)) / tf.reduce_sum(w),
    "only padding gives zero and not nan",
)
loss(
    "backwards",
    lambda v, t, labels, w: -tf.reduce_sum(w * losses_of(v, t, labels)) / tf.maximum(tf.reduce_sum(w), 1.0),
    "a vector that points at its label costs less",
)
loss("infinite", lambda v, t, labels, w: tf.reduce_sum(w) / 0.0, "is a finite scalar")


def weighted(v: tf.Tensor, t: tf.Tensor, labels: tf.Tensor, w: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(w * losses_of(v, t, labels)) / tf.maximum(tf.reduce_sum(w), 1.0)


REACH = "gradients reach vectors and table"
loss(
    "unseeded",
    lambda v, t, labels, w: weighted(v, t, labels, w) * tf.random.uniform([]),
    "the seed of a step gives the same loss",
)
loss("constant", lambda v, t, labels, w: tf.constant(1.0), "a vector that points at its label costs less")
loss("no_loss", lambda v, t, labels, w: None, "is a finite scalar")
loss("many", lambda v, t, labels, w: w * losses_of(v, t, labels), "is a finite scalar")
loss("still_table", lambda v, t, labels, w: weighted(v, tf.stop_gradient(t), labels, w), REACH)
loss(
    "of_numpy",
    lambda v, t, labels, w: weighted(v, t, tf.numpy_function(lambda ids: ids, [labels], tf.int32), w),
    "compiles and is the same",
)
