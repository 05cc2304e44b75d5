"""A test of the loss before training. A loss that isn't what `LossType` says trains a model that has learnt something
else, or nothing, and no later check would say why.

`recframe.testing.loss` tests an author's loss more thoroughly; this test takes a fraction of a second.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from attrs import frozen

from recframe.plugin.guard import described
from recframe.plugin.origin import blamed, refusal
from recframe.plugin.registry import Registries
from recframe.plugin.types import LossContext
from recframe.spec.experiment import ExperimentSpec

LABELS, ROWS, PADDED, WIDTH = 12, 8, 2, 4
#: Of the vectors: a right label stands out, and no score is extreme.
LENGTH = 3.0


def probe_loss(spec: ExperimentSpec, registries: Registries) -> None:
    """Test the spec's loss on a few made-up vectors, and whether it compiles.

    Raises:
        PluginError: for a loss that cannot be computed, or whose minimum is no use; with the loss, its plugin, and what
            was expected.
    """
    kind = registries.losses[spec.loss.type]
    context = LossContext(np.arange(LABELS, dtype=np.int64), WIDTH, lambda: tf.constant([1, 2]))
    loss = kind.build(spec.loss.options, context)
    vectors, table, labels, weights = (tf.constant(array) for array in _example())
    others = tf.concat([tf.roll(labels[:-PADDED], 1, 0), labels[-PADDED:]], 0)
    with blamed(kind, "when its loss is called"):
        right = loss(vectors, table, labels, weights)
        if fault := _wrong_value(right):
            raise refusal(kind, fault, loss)
        wrong = _measured(loss, vectors, table, others, weights)
    # Of the labels that are wrong: where they are right, a loss with a margin is 0 and has no gradient.
    fault = _wrong_value(wrong.loss) or _without_gradient(wrong)
    if fault := fault or _wrong_direction(float(right), float(wrong.loss)) or _reading_padding(wrong):
        raise refusal(kind, fault, loss)
    if kind.origin is None:
        return  # tests show that the built-in losses compile, so their users do not wait for this
    with blamed(kind, "when its loss is compiled by XLA"):
        tf.function(lambda *inputs: _measured(loss, *inputs).loss, jit_compile=True, autograph=False)(
            vectors, table, others, weights
        )


@frozen(eq=False)
class _Measured:
    """A loss and its gradients; these are None where none reaches."""

    loss: Any
    vectors: Any
    table: Any


def _example() -> tuple[np.ndarray, ...]:
    """Vectors that point at their labels, the rows of the table, the labels, and weights; padding comes last."""
    table = np.random.default_rng(0).normal(size=(LABELS, WIDTH))
    table = (table / np.linalg.norm(table, axis=1, keepdims=True)).astype(np.float32)
    is_target = np.arange(ROWS) < ROWS - PADDED
    labels = np.where(is_target, 1 + np.arange(ROWS), 0).astype(np.int32)
    return np.float32(LENGTH) * table[labels], table, labels, is_target.astype(np.float32)


def _measured(
    loss: Callable[..., Any], vectors: tf.Tensor, table: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor
) -> _Measured:
    with tf.GradientTape() as tape:
        tape.watch([vectors, table])
        value = loss(vectors, table, labels, weights)
    # A loss that reads some rows alone has IndexedSlices for the table.
    gradients = tape.gradient(value, [vectors, table]) if tf.is_tensor(value) else (None, None)
    return _Measured(value, *(None if one is None else tf.convert_to_tensor(one) for one in gradients))


def _wrong_value(value: object) -> str:
    wanted = "expected one finite float32 number, a tensor of shape []"
    if not tf.is_tensor(value):
        return f"gives {described(value)} as its loss; {wanted}"
    array = np.asarray(value)
    if array.shape != () or array.dtype != np.float32:
        return f"gives {array.dtype} {list(array.shape)} as its loss; {wanted}"
    return "" if np.isfinite(array) else f"gives {array} as its loss; {wanted}"


def _without_gradient(measured: _Measured) -> str:
    for name, gradient in (("vectors", measured.vectors), ("table", measured.table)):
        if gradient is None or not np.any(gradient):
            return f"has no gradient for the {name}; expected one, or training learns nothing"
        if not np.isfinite(gradient).all():
            return f"has a gradient for the {name} that is not finite; expected numbers"
    return ""


def _wrong_direction(right: float, wrong: float) -> str:
    if right == wrong:
        return f"is {right:.4g} for right labels and for wrong ones; expected a loss that depends on the labels"
    if right > wrong:
        return (
            f"is {right:.4g} for vectors that point at their labels and {wrong:.4g} for others; expected the "
            "smaller loss for the right labels; has it the wrong sign?"
        )
    return ""


def _reading_padding(measured: _Measured) -> str:
    if np.any(measured.vectors[-PADDED:]):
        return "has a gradient for rows of weight 0; expected none, as these rows are padding"
    return ""
