"""Cross-entropy over the whole catalogue.

The scores are never stored as a whole. This idea is from Wijmans et al., "Cut Your Losses in Large-Vocabulary Language
Models", ICLR 2025.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from attrs import frozen

from recframe import LossContext, LossType, hookimpl, option

if TYPE_CHECKING:
    import tensorflow as tf


#: Rows that are scored together. With fewer rows, the table is read too often; with more, the scores exceed the cache.
BLOCK = 128


@frozen
class SoftmaxOptions:
    """The full softmax. It is exact, and the best choice for catalogues of up to some ten thousand items."""

    label_smoothing: float = option(
        0.0, ge=0, lt=1, help="Share of the target's probability that is spread evenly over all items."
    )


def build(options: SoftmaxOptions, context: LossContext) -> Callable[..., Any]:
    import tensorflow as tf

    smoothing = options.label_smoothing

    def loss(vectors: tf.Tensor, table: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        shares = weights / tf.maximum(tf.reduce_sum(weights), 1.0)
        mean = _mean_cross_entropy(vectors, table, labels, shares)
        if not smoothing:
            return mean
        target = tf.reduce_sum(vectors * tf.gather(table, labels), axis=1)
        spread = tf.linalg.matvec(vectors, tf.reduce_mean(table[1:], axis=0))
        return mean + smoothing * tf.reduce_sum((target - spread) * shares)

    return loss


def _mean_cross_entropy(vectors: tf.Tensor, table: tf.Tensor, labels: tf.Tensor, shares: tf.Tensor) -> tf.Tensor:
    """The mean of log(sum of exp(score) over all items) - score of the label, a scalar.

    The gradient is computed in the same pass, while a block of scores is in the processor's cache, so no score is
    computed twice. Rows after the last one with a share are not scored.

    Args:
        vectors: float32 [n, width].
        table: float32 [labels, width]; row 0 is padding and takes no probability.
        labels: int32 [n].
        shares: float32 [n], what each row counts in the mean; 0 for padding.
    """
    import tensorflow as tf

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def with_gradient(vectors: tf.Tensor, table: tf.Tensor) -> tuple[tf.Tensor, Callable[..., Any]]:
        mean, to_vectors, to_table = _log_sum(vectors, table, shares)
        targets, share = tf.gather(table, labels), shares[:, None]
        mean -= tf.reduce_sum(vectors * targets * share)
        to_vectors -= targets * share
        to_table = tf.tensor_scatter_nd_sub(to_table, labels[:, None], vectors * share)
        return mean, lambda upstream: (upstream * to_vectors, upstream * to_table)

    return with_gradient(vectors, table)


def _log_sum(vectors: tf.Tensor, table: tf.Tensor, shares: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """The mean of log(sum of exp(score)), a scalar, and its gradients: [n, width] and [labels, width]."""
    import tensorflow as tf

    rows, width = vectors.shape
    block = min(rows, BLOCK)
    blocks = -(-rows // block)

    def in_blocks(values: tf.Tensor) -> tf.Tensor:
        beyond = [[0, blocks * block - rows]] + [[0, 0]] * (values.shape.rank - 1)
        return tf.reshape(tf.pad(values, beyond), [blocks, block, *values.shape[1:]])

    by_block, share_by_block = in_blocks(vectors), in_blocks(shares[:, None])
    padding = tf.one_hot(0, table.shape[0], on_value=-1e30, off_value=0.0)
    needed = (tf.reduce_max(tf.where(shares > 0, tf.range(1, rows + 1), 0)) + block - 1) // block

    def step(i: tf.Tensor, mean: tf.Tensor, to_vectors: tf.Tensor, to_table: tf.Tensor) -> tuple[tf.Tensor, ...]:
        scores = tf.matmul(by_block[i], table, transpose_b=True) + padding
        largest = tf.reduce_max(scores, axis=1, keepdims=True)
        exponentials = tf.exp(scores - largest)
        sums = tf.reduce_sum(exponentials, axis=1, keepdims=True)
        # The division by the sums is left to the narrow side of both products.
        share = share_by_block[i]
        vector_gradient = tf.matmul(exponentials, table) * (share / sums)
        # [width, labels]: the product the other way round reads the scores by column, and takes 2 to 5 times as long.
        to_table += tf.matmul(by_block[i] * (share / sums), exponentials, transpose_a=True)
        mean += tf.reduce_sum((tf.math.log(sums) + largest) * share)
        return i + 1, mean, tf.tensor_scatter_nd_update(to_vectors, [[i]], vector_gradient[None]), to_table

    start = tf.constant(0), tf.constant(0.0), tf.zeros_like(by_block), tf.zeros((width, table.shape[0]))
    _, mean, to_vectors, to_table = tf.while_loop(lambda i, *_: i < needed, step, start)
    return mean, tf.reshape(to_vectors, [-1, width])[:rows], tf.transpose(to_table)


@hookimpl
def recframe_losses() -> Iterable[LossType]:
    yield LossType("softmax", summary="Cross-entropy over every item.", options=SoftmaxOptions, build=build)
