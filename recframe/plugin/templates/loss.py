"""The loss `mine`: `recframe loss=mine loss.temperature=0.5`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import recframe
from attrs import frozen

if TYPE_CHECKING:
    import tensorflow as tf


@frozen
class MineOptions:
    """What a user may set."""

    temperature: float = recframe.option(1.0, gt=0, help="Divides the scores; below 1 the best of them count more.")


def build(
    options: MineOptions, context: recframe.LossContext
) -> Callable[[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]:
    # Imported here, so that listing the plugins does not load it.
    import tensorflow as tf

    def loss(vectors: tf.Tensor, table: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        """The cross-entropy of the labels among all items."""
        # Row 0 of the table is padding and no item. The items' places are one lower than their ids.
        scores = tf.matmul(vectors, table[1:], transpose_b=True) / options.temperature
        costs = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.maximum(labels - 1, 0), scores)
        # Padded rows weigh 0. There may be nothing else.
        return tf.reduce_sum(weights * costs) / tf.maximum(tf.reduce_sum(weights), 1.0)

    return loss


LOSS = recframe.LossType("mine", summary="Cross-entropy with a temperature.", options=MineOptions, build=build)


@recframe.hookimpl
def recframe_losses() -> Iterable[recframe.LossType]:
    yield LOSS
