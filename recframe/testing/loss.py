"""The contract of every loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import tensorflow as tf

from recframe.plugin.types import LossContext, LossType
from recframe.testing.options import chosen_options

LABELS, ROWS, WIDTH, PADDED = 20, 16, 4, 5
#: Steps over which a loss that draws is averaged, and how far two of its means may lie apart.
STEPS, FAR = 64, 0.15

Example = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


class LossContract:
    """Run by pytest on a subclass that sets `contribution` and, where the options are required, `options`.

    A loss that draws by `context.step_seed` is averaged over some steps, wherever two values of it are compared.
    """

    contribution: ClassVar[LossType]
    options: ClassVar[Any] = None

    def build(self, seed: int = 1) -> Callable[..., Any]:
        """The loss at the step of a seed."""
        options = chosen_options(self.contribution, self.options)
        context = LossContext(np.arange(LABELS, dtype=np.int64), WIDTH, lambda: tf.constant([1, seed]))
        loss = self.contribution.build(options, context)
        assert callable(loss), f"build gives a {type(loss).__name__}; wanted is a function of four tensors"
        return loss

    def value(self, example: Example, seed: int = 1) -> float:
        value = self.build(seed)(*(tf.constant(array) for array in example))
        assert tf.is_tensor(value), f"the loss is a {type(value).__name__}; wanted is a scalar tensor, float32"
        assert value.shape == (), f"the loss is {value.dtype.name} {list(value.shape)}; wanted is one number, []"
        assert value.dtype == tf.float32, f"the loss is {value.dtype.name}; wanted is float32"
        return float(value)

    def mean(self, example: Example) -> tuple[float, bool]:
        """The loss, and whether it draws; then it is the mean over some steps."""
        first, second = self.value(example, 1), self.value(example, 2)
        if first == second:
            return first, False
        return float(np.mean([self.value(example, seed) for seed in range(STEPS)])), True

    def example(self, padded: int = 0) -> Example:
        """Random vectors, a table, labels and weights, with rows of padding at the end."""
        rng = np.random.default_rng(0)
        vectors = rng.normal(size=(ROWS, WIDTH)).astype(np.float32)
        table = rng.normal(size=(LABELS, WIDTH)).astype(np.float32)
        labels = rng.integers(1, LABELS, ROWS).astype(np.int32)
        return (
            np.concatenate([vectors, np.full((padded, WIDTH), 3, np.float32)]),
            table,
            np.concatenate([labels, np.zeros(padded, np.int32)]),
            np.concatenate([np.ones(ROWS, np.float32), np.zeros(padded, np.float32)]),
        )

    def test_is_a_finite_scalar(self) -> None:
        value = self.value(self.example())
        assert np.isfinite(value), f"the loss is {value}; wanted is a finite number"

    def test_the_seed_of_a_step_gives_the_same_loss(self) -> None:
        values = [self.value(self.example()) for _ in range(3)]
        assert len(set(values)) == 1, (
            f"one step gives {values}; a loss that draws takes its numbers from "
            "tf.random.stateless_uniform(shape, context.step_seed()), so that a run can be repeated"
        )

    def test_padded_rows_count_for_nothing(self) -> None:
        (bare, draws), (padded, _) = self.mean(self.example()), self.mean(self.example(PADDED))
        assert abs(padded - bare) <= (FAR if draws else 1e-5) * abs(bare), (
            f"the loss of {ROWS} rows is {bare}, and {padded} with {PADDED} rows of weight 0 more; wanted is the mean "
            "weighted by `weights`"
        )

    def test_only_padding_gives_zero_and_not_nan(self) -> None:
        vectors, table, labels, weights = self.example()
        value = self.value((vectors, table, labels * 0, weights * 0))
        assert value == 0, f"the loss of rows that all weigh 0 is {value}; wanted is 0"

    def test_a_vector_that_points_at_its_label_costs_less(self) -> None:
        _, table, labels, weights = self.example()
        right, _ = self.mean((3 * table[labels], table, labels, weights))
        wrong, _ = self.mean((-3 * table[labels], table, labels, weights))
        assert right < wrong, f"vectors that point at their labels cost {right}, and {wrong} where they point away"

    def test_gradients_reach_vectors_and_table(self) -> None:
        vectors, table, labels, weights = (tf.constant(array) for array in self.example(PADDED))
        with tf.GradientTape() as tape:
            tape.watch([vectors, table])
            value = self.build()(vectors, table, labels, weights)
        for name, gradient in zip(("vectors", "table"), tape.gradient(value, [vectors, table]), strict=True):
            assert gradient is not None, f"no gradient reaches the {name}, so training would learn nothing"
            # A loss that reads some rows alone has these alone in its gradient.
            values = np.asarray(tf.convert_to_tensor(gradient))
            assert np.isfinite(values).all(), f"the gradient of the {name} is not finite"
            assert values.any(), f"the gradient of the {name} is 0 everywhere"
            if name == "vectors":
                assert not values[ROWS:].any(), "rows of weight 0 have a gradient; wanted is none"

    def test_compiles_and_is_the_same(self) -> None:
        loss, tensors = self.build(), [tf.constant(array) for array in self.example(PADDED)]
        compiled = float(tf.function(loss, jit_compile=True, autograph=False)(*tensors))
        eager = float(loss(*tensors))
        assert np.isclose(compiled, eager, rtol=1e-4), f"the loss is {eager}, and {compiled} where it is compiled"
