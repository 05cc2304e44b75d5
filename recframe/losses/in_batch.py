"""Sampled softmax whose negatives are the other labels of the batch, corrected for how often they turn up.

Source: Yi et al., "Sampling-bias-corrected neural modeling for large corpus item recommendations", RecSys 2019.
"""

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
class InBatchOptions:
    """For catalogues too large for the full softmax."""

    log_q: bool = option(True, help="Subtract the log of a label's share of the training targets from its logit.")


def build(options: InBatchOptions, context: LossContext) -> Callable[..., Any]:
    import numpy as np
    import tensorflow as tf

    counts = np.maximum(context.label_counts.astype(np.float64), 1.0)
    log_q = np.log(counts / counts.sum()).astype(np.float32) if options.log_q else np.zeros(len(counts), np.float32)

    def loss(vectors: tf.Tensor, table: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        candidates = tf.gather(table, labels)
        logits = tf.matmul(vectors, candidates, transpose_b=True) - tf.gather(tf.constant(log_q), labels)[None, :]
        # Another row with the same label is no negative, and a padded row is no candidate.
        same = tf.logical_and(labels[:, None] == labels[None, :], tf.logical_not(tf.eye(tf.shape(labels)[0], dtype=tf.bool)))
        out = tf.logical_or(same, weights[None, :] == 0)
        logits = tf.where(out, tf.constant(-1e9, logits.dtype), logits)
        own = tf.linalg.diag_part(logits)
        rows = tf.reduce_logsumexp(logits, axis=1) - own
        # A padded row has no candidate of its own; its huge value times weight 0 must not become NaN.
        rows = tf.where(weights > 0, rows, 0.0)
        return tf.reduce_sum(rows * weights) / tf.maximum(tf.reduce_sum(weights), 1.0)

    return loss


@hookimpl
def recframe_losses() -> Iterable[LossType]:
    summary = "Sampled softmax over the labels of the batch, with the logQ correction."
    yield LossType("in_batch", summary=summary, options=InBatchOptions, build=build)
