"""Gradients of a few rows of a large table, so that the cost of a step does not depend on the size of the catalogue."""

from __future__ import annotations

import tensorflow as tf
from attrs import frozen

#: A table is updated row by row if at most one in this many rows has a gradient. Otherwise a dense update is faster.
SPARSITY = 4


@frozen(eq=False)
class RowGradients:
    """The gradient of a few rows; the other rows have none.

    Attributes:
        ids: int32 [n]; a row may occur several times.
        values: float32 [n, width]; for each occurrence, the sum over all occurrences of its row.
        counted: float32 [n]; 1 for one occurrence of each row and 0 for the others.
    """

    ids: tf.Tensor
    values: tf.Tensor
    counted: tf.Tensor

    def squared_norm(self) -> tf.Tensor:
        """The sum of the squares of all rows, a scalar."""
        return tf.reduce_sum(tf.reduce_sum(self.values * self.values, axis=1) * self.counted)


def row_gradients(gradient: object, rows: int) -> RowGradients | tf.Tensor:
    """A sparse gradient as RowGradients, any other as a tensor with the variable's shape.

    Args:
        gradient: The result of `tf.GradientTape`.
        rows: The number of rows of the variable.
    """
    if not isinstance(gradient, tf.IndexedSlices) or gradient.indices.shape[0] * SPARSITY > rows:
        return tf.convert_to_tensor(gradient)
    ids = tf.cast(gradient.indices, tf.int32)
    numbers = tf.range(ids.shape[0])
    # The sum of a row is stored at one of its occurrences. A look-up table for these is cheaper than a sort.
    places = tf.tensor_scatter_nd_update(tf.zeros([rows], tf.int32), ids[:, None], numbers)
    place = tf.gather(places, ids)
    sums = tf.tensor_scatter_nd_add(tf.zeros_like(gradient.values), place[:, None], gradient.values)
    return RowGradients(ids, tf.gather(sums, place), tf.cast(place == numbers, tf.float32))
