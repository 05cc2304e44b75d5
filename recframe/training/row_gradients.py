"""Gradients of a few rows of a large table, so that a step costs what it touches and not what the catalogue holds."""

from __future__ import annotations

import tensorflow as tf
from attrs import frozen

#: A table is updated row by row where a step touches at most one row in so many; else whole, which is faster then.
FEW = 4


@frozen(eq=False)
class RowGradients:
    """The gradient of some rows; all other rows have none.

    Attributes:
        ids: int32 [n]; a row may occur several times.
        values: float32 [n, width], of each occurrence the sum over all occurrences of its row.
        counted: float32 [n], 1 at one occurrence of each row and 0 at the others.
    """

    ids: tf.Tensor
    values: tf.Tensor
    counted: tf.Tensor

    def squared_norm(self) -> tf.Tensor:
        """The sum of the squares of all rows, a scalar."""
        return tf.reduce_sum(tf.reduce_sum(self.values * self.values, axis=1) * self.counted)


def row_gradients(gradient: object, rows: int) -> RowGradients | tf.Tensor:
    """The gradient of few rows as such, any other as a tensor of the variable's shape.

    Args:
        gradient: As `tf.GradientTape` gives it.
        rows: Rows of the variable.
    """
    if not isinstance(gradient, tf.IndexedSlices) or gradient.indices.shape[0] * FEW > rows:
        return tf.convert_to_tensor(gradient)
    ids = tf.cast(gradient.indices, tf.int32)
    numbers = tf.range(ids.shape[0])
    # Each row's sum stands where one of its occurrences stands: a table of places costs less than to sort.
    places = tf.tensor_scatter_nd_update(tf.zeros([rows], tf.int32), ids[:, None], numbers)
    place = tf.gather(places, ids)
    sums = tf.tensor_scatter_nd_add(tf.zeros_like(gradient.values), place[:, None], gradient.values)
    return RowGradients(ids, tf.gather(sums, place), tf.cast(place == numbers, tf.float32))
