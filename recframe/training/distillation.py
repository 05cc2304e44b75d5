"""Distillation: a model learns the scores of a larger one, its teacher, beside the labels.

A label says which item came next. The teacher's scores also say which other items might have come, so a small model
learns more from each target (Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network", arXiv
1503.02531).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf
from attrs import frozen

from recframe.data.sequences import Batch
from recframe.model.dual_encoder import DualEncoder

#: Rows that are scored together, so that their scores stay in the processor's cache.
BLOCK = 128


@frozen(eq=False)
class Teacher:
    """A trained model whose scores another model learns.

    Attributes:
        share: Share of the loss that is the divergence from the teacher.
        weights_id: The id of its weights, which must be the same if training is resumed.
    """

    model: DualEncoder
    share: float
    weights_id: str = ""

    def blend(self, loss: tf.Tensor, vectors: tf.Tensor, table: tf.Tensor, own: tf.Tensor, batch: Batch) -> tf.Tensor:
        """The loss together with the divergence of the student's scores from the teacher's, a scalar.

        Args:
            vectors: float32 [targets, width]; the student's.
            table: float32 [labels, width]; the student's.
            own: float32 [targets, the teacher's width]; the teacher's vectors of the same targets.
        """
        shares = batch.weights / tf.maximum(tf.reduce_sum(batch.weights), 1.0)
        taught = tf.convert_to_tensor(self.model.table)
        return (1 - self.share) * loss + self.share * divergence(vectors, table, own, taught, shares)


def divergence(
    vectors: tf.Tensor, table: tf.Tensor, teacher_vectors: tf.Tensor, teacher_table: tf.Tensor, shares: tf.Tensor
) -> tf.Tensor:
    """The mean Kullback-Leibler divergence of the student's softmax from the teacher's, a scalar; 0 if both are equal.

    The gradient is computed in the same pass, block by block, and reaches the student alone.

    Args:
        vectors, teacher_vectors: float32 [n, width]; the widths may differ.
        table, teacher_table: float32 [labels, width]; row 0 is padding and takes no probability.
        shares: float32 [n]; what each row counts in the mean, 0 for padding.
    """

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def with_gradient(vectors: tf.Tensor, table: tf.Tensor) -> tuple[tf.Tensor, Callable[..., Any]]:
        mean, to_vectors, to_table = _mean_and_gradients(vectors, table, teacher_vectors, teacher_table, shares)
        return mean, lambda upstream: (upstream * to_vectors, upstream * to_table)

    mean: tf.Tensor = with_gradient(vectors, table)
    return mean


def _mean_and_gradients(
    vectors: tf.Tensor, table: tf.Tensor, teacher_vectors: tf.Tensor, teacher_table: tf.Tensor, shares: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    rows = vectors.shape[0]
    block = min(rows, BLOCK)
    blocks = -(-rows // block)

    def in_blocks(values: tf.Tensor) -> tf.Tensor:
        padded = tf.pad(values, [[0, blocks * block - rows], [0, 0]])
        return tf.reshape(padded, [blocks, block, values.shape[1]])

    students, teachers, weights = in_blocks(vectors), in_blocks(teacher_vectors), in_blocks(shares[:, None])
    padding = tf.one_hot(0, table.shape[0], on_value=-1e30, off_value=0.0)

    def step(i: tf.Tensor, mean: tf.Tensor, to_vectors: tf.Tensor, to_table: tf.Tensor) -> tuple[tf.Tensor, ...]:
        student = tf.nn.log_softmax(tf.matmul(students[i], table, transpose_b=True) + padding)
        teacher = tf.nn.log_softmax(tf.matmul(teachers[i], teacher_table, transpose_b=True) + padding)
        probabilities, share = tf.exp(teacher), weights[i]
        mean += tf.reduce_sum(probabilities * (teacher - student) * share)
        difference = tf.exp(student) - probabilities
        vector_gradient = tf.matmul(difference, table) * share
        to_table += tf.matmul(students[i] * share, difference, transpose_a=True)
        return i + 1, mean, tf.tensor_scatter_nd_update(to_vectors, [[i]], vector_gradient[None]), to_table

    start = tf.constant(0), tf.constant(0.0), tf.zeros_like(students), tf.zeros((vectors.shape[1], table.shape[0]))
    _, mean, to_vectors, to_table = tf.while_loop(lambda i, *_: i < blocks, step, start)
    return mean, tf.reshape(to_vectors, [-1, vectors.shape[1]])[:rows], tf.transpose(to_table)
