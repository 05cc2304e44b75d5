"""A test of every encoder before training. A layer that looks ahead or at padding would train on what no phone will
have, and no later check would notice.

`recframe.testing.encoder` tests an author's layer more thoroughly; this test takes a fraction of a second.
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
from recframe.model.last_vector import last_vector
from recframe.model.packed_vectors import can_pack, packed_vectors
from recframe.plugin.registry import Registries

#: Longest history in the test: faults show in short histories too.
LONGEST = 16
#: Largest difference of two answers that should be equal, relative to the largest value of the answers.
TOLERANCE = 1e-3
#: Deviation of what is added to the weights: a bias or gate that starts at 0 would hide a leak through it.
NOISE = 0.1


def probe_encoders(model: DualEncoder, registries: Registries) -> None:
    """Test the encoder of each group. The model, its weights and the random states stay as they were.

    Raises:
        PluginError: for an encoder that answers otherwise than `EncoderType` says; with the group, the encoder and its
            plugin, and what was expected.
    """
    for group, layer in model.encoder_layers.items():
        name = model.spec.groups[group].encoder.type
        length, units = model.step_shapes[group]
        try:
            probe(layer, model.group_causal[group], min(length, LONGEST), units)
        except WrongLayer as wrong:
            source = registries.encoders.source(name)
            raise PluginError(
                f"group {group!r}: encoder {name!r} of {source} {wrong}; "
                f"`recframe check {source.split()[0]}` tells more"
            ) from wrong.__cause__


def probe(layer: keras.Layer, causal: bool, length: int, units: int) -> None:
    """Test one layer on histories of `length` steps of `units` values.

    Raises:
        WrongLayer: what it does wrong, and what is expected.
    """
    with _undisturbed(layer):
        _Probe(layer, causal, length, units).ask()


class WrongLayer(Exception):
    """What an encoder does wrong, and what is expected; `encoder 'x' of y` precedes it."""


@frozen(eq=False)
class _Probe:
    """One layer, asked about histories of random steps, the padded ones too: an encoder must look at its mask."""

    layer: keras.Layer
    causal: bool
    length: int
    units: int

    def ask(self) -> None:
        rng = np.random.default_rng(0)
        count = max(1, self.length // 2)
        steps = rng.normal(size=(self.length, self.units)).astype(np.float32)
        changed = np.concatenate([steps[:count], rng.normal(size=(self.length - count, self.units))]).astype(np.float32)
        events = np.arange(self.length)
        whole, half, none = events < self.length, events < count, events < 0
        # A history, the same with another future, its first half with two paddings, and an empty one.
        rows = np.stack([steps, changed, steps, changed, steps])
        masks = np.stack([whole, whole, half, half, none])
        answers = self._answers(rows, masks)
        self._equal(
            answers,
            self._answers(rows, masks),
            "gives another answer when it is asked again: it must give one answer",
        )
        alone = self._answers(rows[2:3], masks[2:3])
        self._equal(answers[2:3], alone, "gives another answer when other histories are in the batch")
        self._equal(
            answers[2], answers[3], "looks at padded steps: where the mask is False, a step's values must not matter"
        )
        if self.causal:
            self._ask_of_causality(rows, masks, answers, count)
        try:
            shorter = self._answers(rows[2:3, :count], masks[2:3, :count])
        except WrongLayer:  # made for histories of one length, as the model's are
            shorter = None
        if shorter is not None:
            self._equal(
                answers[2:3, ..., :count, :] if self.causal else answers[2:3],
                shorter,
                "gives another answer when a history has more padding: padded steps must not matter",
            )

        self._ask_of_gradients(rows, masks)

    def _ask_of_gradients(self, rows: np.ndarray, masks: np.ndarray) -> None:
        """Each weight learns, and none from a number that is not finite, such as the slope of a root at 0."""
        weights = self.layer.trainable_variables
        with tf.GradientTape() as tape:
            answer: Any = self._called(lambda: self.layer(tf.constant(rows), mask=tf.constant(masks)))
            # Not their squares: these have a slope of 0 where an answer is 0, which hides what is not finite there.
            factors = np.random.default_rng(2).normal(size=np.shape(answer)).astype(np.float32)
            weighted = tf.reduce_sum(answer * factors)
        gradients: Any = self._called(lambda: tape.gradient(weighted, [weight.value for weight in weights]))
        for weight, gradient in zip(weights, gradients, strict=True):
            if gradient is None:
                raise WrongLayer(
                    f"has a weight that never learns, {weight.path}: no gradient reaches it; it must be part of the "
                    "answer, not behind a rounding or an argmax, or be made with trainable=False"
                )
            if not np.isfinite(np.asarray(tf.convert_to_tensor(gradient))).all():
                raise WrongLayer(
                    f"gives the weight {weight.path} a gradient that is not finite, for random, padded and empty "
                    "histories: a root or a logarithm of 0, or a division by it, has none"
                )

    def _ask_of_causality(self, rows: np.ndarray, masks: np.ndarray, answers: np.ndarray, count: int) -> None:
        self._equal(
            answers[0, :count],
            answers[1, :count],
            "is declared causal and looks ahead: the vector at a step must not change with later steps, or it would be "
            "trained on the answer",
        )
        self._equal(
            answers[0, count - 1],
            answers[2, -1],
            "is declared causal, but its vector at a step is not that of the history up to there: a padded step must "
            "repeat the vector before it",
        )
        if can_pack(self.layer):
            self._ask_of_packing(rows, masks, answers, count)
        if hasattr(self.layer, "last"):
            last = self._called(lambda: last_vector(self.layer, tf.constant(rows), tf.constant(masks)))
            self._equal(
                answers[:, -1],
                self._checked(last, masks.shape[:1]),
                "has a method `last` that gives another vector than its call gives last",
            )

    def _ask_of_packing(self, rows: np.ndarray, masks: np.ndarray, answers: np.ndarray, count: int) -> None:
        """Training puts several histories into a row; here the first half of one and the whole of another."""
        steps = np.concatenate([rows[2, :count], rows[1]])[None]
        mask = np.concatenate([masks[2, :count], masks[1]])[None]
        segments = np.repeat([1, 2], [count, len(rows[1])]).astype(np.int32)[None]
        together = self._called(
            lambda: packed_vectors(self.layer, tf.constant(steps), tf.constant(mask), tf.constant(segments))
        )
        self._equal(
            np.concatenate([answers[2, :count], answers[1]])[None],
            self._checked(together, mask.shape),
            "has a method `packed` that gives other vectors to histories that share a row than each gets alone",
        )

    def _answers(self, rows: np.ndarray, masks: np.ndarray) -> np.ndarray:
        answer = self._called(lambda: self.layer(tf.constant(rows), mask=tf.constant(masks)))
        return self._checked(answer, masks.shape if self.causal else masks.shape[:1])

    @staticmethod
    def _called(call: Callable[[], object]) -> object:
        try:
            return call()
        except Exception as error:
            reason = str(error).strip().splitlines() or [""]
            raise WrongLayer(f"fails when it is called: {type(error).__name__}: {reason[0]}") from error

    def _checked(self, answer: object, shape: tuple[int, ...]) -> np.ndarray:
        """The answer as an array, of a shape and type that the model can go on with."""
        histories = f"{shape[0]} histories" + (f" of {shape[1]} steps" if shape[1:] else "")
        kind = "a causal encoder, of each step," if shape[1:] else "an encoder that is not declared causal"
        wanted = f"[{', '.join(['batch', 'length'][: len(shape)])}, units]"
        if not isinstance(answer, tf.Tensor | np.ndarray):
            raise WrongLayer(f"gives a {type(answer).__name__}: expected of {kind} is one float32 tensor {wanted}")
        values = np.asarray(answer)
        if values.shape[:-1] != shape or values.dtype != np.float32:
            got = f"{values.dtype} {list(values.shape)}"
            raise WrongLayer(f"gives {got} for {histories}: expected of {kind} is float32 {wanted}")
        if not np.isfinite(values).all():
            raise WrongLayer("gives values that are not finite: expected numbers, also for an empty history")
        return values

    @staticmethod
    def _equal(one: np.ndarray, other: np.ndarray, wrong: str) -> None:
        scale = max(float(np.abs(one).max(initial=0)), float(np.abs(other).max(initial=0)), 1e-3)
        if one.shape != other.shape or float(np.abs(one - other).max(initial=0)) > TOLERANCE * scale:
            raise WrongLayer(wrong)


@contextmanager
def _undisturbed(layer: keras.Layer) -> Iterator[None]:
    """Noise on the layer's weights for a while; then they, and the random states, are as before."""
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
