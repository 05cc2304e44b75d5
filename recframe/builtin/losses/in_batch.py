"""Sampled softmax with the other labels of the batch as negatives, corrected for how often each label occurs.

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
    """In-batch softmax, for catalogues that are too large for the full softmax."""

    log_q: bool = option(True, help="Correct each negative's score by how often the label occurs (logQ correction).")


def build(options: InBatchOptions, context: LossContext) -> Callable[..., Any]:
    import numpy as np
    import tensorflow as tf

    counts = np.maximum(context.label_counts.astype(np.float64), 1.0)
    log_q = np.log(counts / counts.sum()).astype(np.float32)

    def loss(vectors: tf.Tensor, table: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        logits = tf.matmul(vectors, tf.gather(table, labels), transpose_b=True)
        own = tf.linalg.diag_part(logits)
        if options.log_q:
            # exp(logit) is divided by the expected count of the negative, so the sum estimates the sum over all items.
            others = tf.maximum(tf.reduce_sum(tf.cast(weights > 0, tf.float32)) - 1.0, 1.0)
            logits -= (tf.gather(tf.constant(log_q), labels) + tf.math.log(others))[None, :]
        # Rows with the same label, such as the row itself, and padding are not negatives.
        out = tf.logical_or(labels[:, None] == labels[None, :], weights[None, :] == 0)
        negatives = tf.where(out, tf.constant(-1e9, logits.dtype), logits)
        normaliser = tf.reduce_logsumexp(tf.concat([own[:, None], negatives], axis=1), axis=1)
        return tf.reduce_sum((normaliser - own) * weights) / tf.maximum(tf.reduce_sum(weights), 1.0)

    return loss


def compared(options: InBatchOptions, labels: int, targets: int) -> int:
    """The number of labels that a target is compared with: those of the batch."""
    return targets


@hookimpl
def recframe_losses() -> Iterable[LossType]:
    summary = "Sampled softmax over the labels of the batch, with the logQ correction."
    yield LossType("in_batch", summary=summary, options=InBatchOptions, build=build, compared=compared)
