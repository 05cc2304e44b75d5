"""Sampled softmax whose negatives are the other labels of the batch, corrected for how often they turn up.

Source: Yi et al., "Sampling-bias-corrected neural modeling for large corpus item recommendations", RecSys 2019.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from attrs import frozen

from recframe import LossContext, LossType, hookimpl, option

if TYPE_CHECKING:
    import tensorflow as tf


@frozen
class InBatchOptions:
    """For catalogues too large for the full softmax."""

    log_q: bool = option(True, help="Correct each negative by how often it turns up in a batch.")


def build(options: InBatchOptions, context: LossContext) -> Callable[..., Any]:
    import numpy as np
    import tensorflow as tf

    counts = np.maximum(context.label_counts.astype(np.float64), 1.0)
    log_q = np.log(counts / counts.sum()).astype(np.float32)

    def loss(vectors: tf.Tensor, table: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        logits = tf.matmul(vectors, tf.gather(table, labels), transpose_b=True)
        own = tf.linalg.diag_part(logits)
        if options.log_q:
            # Dividing exp(logit) by the times a negative is expected makes the sum an estimate of that over all items.
            others = tf.maximum(tf.reduce_sum(tf.cast(weights > 0, tf.float32)) - 1.0, 1.0)
            logits -= (tf.gather(tf.constant(log_q), labels) + tf.math.log(others))[None, :]
        # A row with the same label, such as the row itself, is not a negative, and a padded row is not a candidate.
        out = tf.logical_or(labels[:, None] == labels[None, :], weights[None, :] == 0)
        negatives = tf.where(out, tf.constant(-1e9, logits.dtype), logits)
        normaliser = tf.reduce_logsumexp(tf.concat([own[:, None], negatives], axis=1), axis=1)
        return tf.reduce_sum((normaliser - own) * weights) / tf.maximum(tf.reduce_sum(weights), 1.0)

    return loss


def compared(options: InBatchOptions, labels: int, targets: int) -> int:
    """With how many labels a target is compared: those of the batch."""
    return targets


@hookimpl
def recframe_losses() -> Iterable[LossType]:
    summary = "Sampled softmax over the labels of the batch, with the logQ correction."
    yield LossType("in_batch", summary=summary, options=InBatchOptions, build=build, compared=compared)
