"""Cross-entropy over the whole catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from attrs import frozen

from recframe import LossContext, LossType, hookimpl, option

if TYPE_CHECKING:
    import tensorflow as tf


@frozen
class SoftmaxOptions:
    """The full softmax: exact, and the best quality for catalogues up to some ten thousand items."""

    label_smoothing: float = option(0.0, ge=0, lt=1, help="Share of the target spread over all items.")


def build(options: SoftmaxOptions, context: LossContext) -> Callable[..., Any]:
    import tensorflow as tf

    smoothing = options.label_smoothing
    # Padding is not an item: it takes no probability.
    padding = tf.one_hot(0, len(context.label_counts), on_value=-1e30, off_value=0.0)

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def normalisers(vectors: tf.Tensor, table: tf.Tensor) -> tuple[tf.Tensor, Callable[..., Any]]:
        """log of the sum of exp(score) over all items, float32 [n].

        Rows go through in chunks, so that the scores stay in the processor's cache; the way back makes them again,
        which is cheaper than to keep and fetch them.
        """
        chunks = tf.reshape(vectors, [-1, _chunk(vectors.shape[0]), vectors.shape[1]])

        def scores_of(rows: tf.Tensor) -> tf.Tensor:
            return tf.matmul(rows, table, transpose_b=True) + padding

        sums = tf.map_fn(lambda rows: tf.reduce_logsumexp(scores_of(rows), axis=1), chunks)

        def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            weights, kept = tf.reshape(upstream, tf.shape(sums)), tf.constant(0)

            def step(i: tf.Tensor, to_vectors: tf.Tensor, to_table: tf.Tensor) -> tuple[tf.Tensor, ...]:
                share = tf.exp(scores_of(chunks[i]) - sums[i][:, None]) * weights[i][:, None]
                to_vectors = tf.tensor_scatter_nd_update(to_vectors, [[i]], tf.matmul(share, table)[None])
                return i + 1, to_vectors, to_table + tf.matmul(share, chunks[i], transpose_a=True)

            start = (kept, tf.zeros_like(chunks), tf.zeros_like(table))
            _, to_vectors, to_table = tf.while_loop(lambda i, *_: i < chunks.shape[0], step, start)
            return tf.reshape(to_vectors, tf.shape(vectors)), to_table

        return tf.reshape(sums, [-1]), gradient

    def loss(vectors: tf.Tensor, table: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        target = tf.reduce_sum(vectors * tf.gather(table, labels), axis=1)
        if smoothing:
            spread = tf.linalg.matvec(vectors, tf.reduce_mean(table[1:], axis=0))
            target = (1 - smoothing) * target + smoothing * spread
        rows = normalisers(vectors, table) - target
        return tf.reduce_sum(rows * weights) / tf.maximum(tf.reduce_sum(weights), 1.0)

    return loss


def _chunk(rows: int) -> int:
    """The largest divisor of `rows` up to 128; all rows where that is too small to be worth a loop."""
    size = max(size for size in range(1, min(rows, 128) + 1) if rows % size == 0)
    return size if size >= 32 else rows


@hookimpl
def recframe_losses() -> Iterable[LossType]:
    yield LossType("softmax", summary="Cross-entropy over every item.", options=SoftmaxOptions, build=build)
