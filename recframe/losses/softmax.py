"""Cross-entropy over the whole catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from attrs import frozen

from recframe.contributions import LossContext, LossType
from recframe.hookspecs import hookimpl
from recframe.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


@frozen
class SoftmaxOptions:
    """The full softmax: exact, and the best quality for catalogues up to some ten thousand items."""

    label_smoothing: float = option(0.0, ge=0, lt=1, help="Share of the target spread over all items.")


def build(options: SoftmaxOptions, context: LossContext) -> Callable[..., Any]:
    import tensorflow as tf

    smoothing, labels_count = options.label_smoothing, len(context.label_counts)

    def loss(vectors: tf.Tensor, table: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        logits = tf.matmul(vectors, table, transpose_b=True)
        # Padding is no item: it takes no probability.
        normaliser = tf.reduce_logsumexp(logits[:, 1:], axis=1)
        target = tf.reduce_sum(vectors * tf.gather(table, labels), axis=1)
        if smoothing:
            spread = tf.reduce_sum(logits[:, 1:], axis=1) / (labels_count - 1)
            target = (1 - smoothing) * target + smoothing * spread
        return tf.reduce_sum((normaliser - target) * weights) / tf.maximum(tf.reduce_sum(weights), 1.0)

    return loss


@hookimpl
def recframe_losses() -> Iterable[LossType]:
    yield LossType("softmax", summary="Cross-entropy over every item.", options=SoftmaxOptions, build=build)
