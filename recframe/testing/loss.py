"""The contract of every loss."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import tensorflow as tf

from recframe.plugin.types import LossContext, LossType
from recframe.testing.options import chosen_options

LABELS, ROWS, WIDTH = 20, 16, 4


class LossContract:
    """Run by pytest on a subclass that sets `contribution` and, where the options are required, `options`."""

    contribution: ClassVar[LossType]
    options: ClassVar[Any] = None

    def value(self, vectors: np.ndarray, table: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> float:
        options = chosen_options(self.contribution, self.options)
        counts = np.arange(LABELS, dtype=np.int64)
        context = LossContext(counts, WIDTH, lambda: tf.constant([1, 2]))
        loss = self.contribution.build(options, context)
        return float(loss(*(tf.constant(x) for x in (vectors, table, labels, weights))))

    def example(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        rng = np.random.default_rng(0)
        vectors = rng.normal(size=(ROWS, WIDTH)).astype(np.float32)
        table = rng.normal(size=(LABELS, WIDTH)).astype(np.float32)
        return vectors, table, rng.integers(1, LABELS, ROWS).astype(np.int32), np.ones(ROWS, np.float32)

    def test_is_a_finite_scalar(self) -> None:
        assert np.isfinite(self.value(*self.example()))

    def test_padded_rows_count_for_nothing(self) -> None:
        vectors, table, labels, weights = self.example()
        padded = (
            np.concatenate([vectors, np.full((5, WIDTH), 3, np.float32)]),
            table,
            np.concatenate([labels, np.zeros(5, np.int32)]),
            np.concatenate([weights, np.zeros(5, np.float32)]),
        )
        np.testing.assert_allclose(self.value(*padded), self.value(vectors, table, labels, weights), rtol=1e-5)

    def test_only_padding_gives_zero_and_not_nan(self) -> None:
        vectors, table, labels, weights = self.example()
        assert self.value(vectors, table, labels * 0, weights * 0) == 0

    def test_a_vector_that_points_at_its_label_costs_less(self) -> None:
        _, table, labels, weights = self.example()
        assert self.value(3 * table[labels], table, labels, weights) < self.value(
            -3 * table[labels], table, labels, weights
        )
