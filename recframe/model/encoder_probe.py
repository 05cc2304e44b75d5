"""Tests every encoder before training.

A layer that reads future steps or padding would train on data that an app does not have, and no later check would find
it. `recframe.testing.encoder` tests more thoroughly; this test takes a fraction of a second.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from attrs import frozen

from recframe.errors import PluginError
from recframe.model.dual_encoder import DualEncoder
from recframe.model.encoder_output import broken, expected
from recframe.model.last_vector import last_vector
from recframe.model.packed_vectors import can_pack, packed_vectors

#: The longest history in the test. Faults show in short histories too.
LONGEST = 16
#: The largest difference between two outputs that should be equal, relative to their largest value.
TOLERANCE = 1e-3
#: Standard deviation of the noise added to the weights: a bias or gate that starts at 0 would hide a leak.
NOISE = 0.1


def probe_encoders(model: DualEncoder) -> None:
    """Test the encoder of each group. The weights and the random states are unchanged afterwards.

    Raises:
        PluginError: An encoder breaks the contract of `EncoderType`. The message names the group, the encoder, its
            plugin, and the expected behaviour.
    """
    for group, layer in model.encoder_layers.items():
        length, units = model.step_shapes[group]
        try:
            probe(layer, model.group_causal[group], min(length, LONGEST), units)
        except BrokenContract as problem:
            error = broken(model.encoder_types[group], layer, str(problem))
            raise PluginError(f"group {group!r}: {error}") from problem.__cause__


def probe(layer: keras.Layer, causal: bool, length: int, units: int) -> None:
    """Test one layer on histories of `length` steps of `units` values.

    Raises:
        BrokenContract: what it does wrong, and what is expected.
    """
    with _noisy_weights(layer):
        _Probe(layer, causal, length, units).check()


class BrokenContract(Exception):
    """What an encoder does wrong and what is expected. The message continues `encoder 'x' of y`."""


@frozen(eq=False)
class _Probe:
    """Calls one layer on random histories. Padded steps have random values too, so the layer must use its mask."""

    layer: keras.Layer
    causal: bool
    length: int
    units: int

    def check(self) -> None:
        rng = np.random.default_rng(0)
        count = max(1, self.length // 2)
        steps = rng.normal(size=(self.length, self.units)).astype(np.float32)
        changed = np.concatenate([steps[:count], rng.normal(size=(self.length - count, self.units))]).astype(np.float32)
        events = np.arange(self.length)
        whole, half, none = events < self.length, events < count, events < 0
        # A history; the same with other later steps; its first half, twice, with different padding; an empty history.
        rows = np.stack([steps, changed, steps, changed, steps])
        masks = np.stack([whole, whole, half, half, none])
        outputs = self._outputs(rows, masks)
        self._require_equal(
            outputs,
            self._outputs(rows, masks),
            "gives different outputs for the same input: it must be deterministic",
        )
        alone = self._outputs(rows[2:3], masks[2:3])
        self._require_equal(outputs[2:3], alone, "gives another output when other histories are in the batch")
        self._require_equal(
            outputs[2], outputs[3], "reads padded steps: the values of a step whose mask is False must have no effect"
        )
        if self.causal:
            self._check_causality(rows, masks, outputs, count)
        try:
            shorter = self._outputs(rows[2:3, :count], masks[2:3, :count])
        except BrokenContract:  # a layer may accept only the model's history length
            shorter = None
        if shorter is not None:
            self._require_equal(
                outputs[2:3, ..., :count, :] if self.causal else outputs[2:3],
                shorter,
                "gives another output when a history has more padding: padding must have no effect",
            )

        self._check_reading(rng)
        self._check_gradients(rows, masks)

    def _check_reading(self, rng: np.random.Generator) -> None:
        """The output depends on the history. Several are tried, since a narrow layer may answer 0 to one or two."""
        rows = rng.normal(size=(16, self.length, self.units)).astype(np.float32)
        outputs = self._outputs(rows, np.ones(rows.shape[:2], bool))
        if not np.ptp(outputs, axis=0).any():
            raise BrokenContract(
                "gives the same output for all of 16 random histories: it must depend on the steps, or a model ranks "
                "the items alike for every user"
            )

    def _check_gradients(self, rows: np.ndarray, masks: np.ndarray) -> None:
        """Each weight learns, and none from a number that is not finite, such as the slope of a root at 0."""
        weights = self.layer.trainable_variables
        with tf.GradientTape() as tape:
            output: Any = self._call(lambda: self.layer(tf.constant(rows), mask=tf.constant(masks)))
            # Not their squares: these have a slope of 0 where an output is 0, which hides what is not finite there.
            factors = np.random.default_rng(2).normal(size=np.shape(output)).astype(np.float32)
            weighted = tf.reduce_sum(output * factors)
        gradients: Any = self._call(lambda: tape.gradient(weighted, [weight.value for weight in weights]))
        for weight, gradient in zip(weights, gradients, strict=True):
            if gradient is None:
                raise BrokenContract(
                    f"has a weight that never learns, {weight.path}: no gradient reaches it; it must be part of the "
                    "output, not behind a rounding or an argmax, or be made with trainable=False"
                )
            if not np.isfinite(np.asarray(tf.convert_to_tensor(gradient))).all():
                raise BrokenContract(
                    f"gives the weight {weight.path} a gradient that is not finite, for random, padded and empty "
                    "histories: a root or a logarithm of 0, or a division by it, has none"
                )

    def _check_causality(self, rows: np.ndarray, masks: np.ndarray, outputs: np.ndarray, count: int) -> None:
        self._require_equal(
            outputs[0, :count],
            outputs[1, :count],
            "is declared causal but reads later steps: the vector at a step must not depend on later steps, or the "
            "model would train on its own target",
        )
        self._require_equal(
            outputs[0, count - 1],
            outputs[2, -1],
            "is declared causal, but its last vector is not that of the last step before padding: a padded step must "
            "repeat the vector of the step before it",
        )
        if can_pack(self.layer):
            self._check_packing(rows, masks, outputs, count)
        if hasattr(self.layer, "last"):
            last = self._call(lambda: last_vector(self.layer, tf.constant(rows), tf.constant(masks)))
            self._require_equal(
                outputs[:, -1],
                self._as_array(last, masks.shape[:1]),
                "has a method `last` that differs from the last vector of its call",
            )

    def _check_packing(self, rows: np.ndarray, masks: np.ndarray, outputs: np.ndarray, count: int) -> None:
        """Training puts several histories into a row. This row holds half of one history and a second one in full."""
        steps = np.concatenate([rows[2, :count], rows[1]])[None]
        mask = np.concatenate([masks[2, :count], masks[1]])[None]
        segments = np.repeat([1, 2], [count, len(rows[1])]).astype(np.int32)[None]
        together = self._call(
            lambda: packed_vectors(self.layer, tf.constant(steps), tf.constant(mask), tf.constant(segments))
        )
        self._require_equal(
            np.concatenate([outputs[2, :count], outputs[1]])[None],
            self._as_array(together, mask.shape),
            "has a method `packed` that gives other vectors to histories in a shared row than to each history alone",
        )

    def _outputs(self, rows: np.ndarray, masks: np.ndarray) -> np.ndarray:
        answer = self._call(lambda: self.layer(tf.constant(rows), mask=tf.constant(masks)))
        return self._as_array(answer, masks.shape if self.causal else masks.shape[:1])

    @staticmethod
    def _call(call: Callable[[], object]) -> object:
        try:
            return call()
        except Exception as error:
            reason = str(error).strip().splitlines() or [""]
            raise BrokenContract(f"fails when it is called: {type(error).__name__}: {reason[0]}") from error

    def _as_array(self, answer: object, shape: tuple[int, ...]) -> np.ndarray:
        """The output as an array; checks its type, its shape and that it is finite."""
        histories = f"{shape[0]} histories" + (f" of {shape[1]} steps" if shape[1:] else "")
        causal = len(shape) == 2
        if not isinstance(answer, tf.Tensor | np.ndarray):
            raise BrokenContract(f"returns a {type(answer).__name__}: {expected(causal, 'one float32 tensor')}")
        values = np.asarray(answer)
        if values.shape[:-1] != shape or values.dtype != np.float32:
            got = f"{values.dtype} {list(values.shape)}"
            raise BrokenContract(f"returns {got} for {histories}: {expected(causal)}")
        if not np.isfinite(values).all():
            raise BrokenContract("returns values that are not finite: they must be finite, also for an empty history")
        return values

    @staticmethod
    def _require_equal(one: np.ndarray, other: np.ndarray, problem: str) -> None:
        scale = max(float(np.abs(one).max(initial=0)), float(np.abs(other).max(initial=0)), 1e-3)
        if one.shape != other.shape or float(np.abs(one - other).max(initial=0)) > TOLERANCE * scale:
            raise BrokenContract(problem)


@contextmanager
def _noisy_weights(layer: keras.Layer) -> Iterator[None]:
    """Add noise to the layer's weights. On exit, restore the weights and the random states."""
    python, numpy = random.getstate(), np.random.get_state()
    before = [keras.ops.convert_to_numpy(variable).copy() for variable in layer.variables]
    rng = np.random.default_rng(1)
    try:
        for variable in layer.trainable_variables:
            if np.issubdtype(np.dtype(variable.dtype), np.floating):
                variable.assign(variable + rng.normal(0, NOISE, variable.shape).astype(variable.dtype))
        yield
    finally:
        for variable, value in zip(layer.variables, before, strict=True):
            variable.assign(value)
        random.setstate(python)
        np.random.set_state(numpy)
