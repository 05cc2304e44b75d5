"""The contract of every encoder."""

from __future__ import annotations

from typing import Any, ClassVar

import keras
import numpy as np
import pytest
import tensorflow as tf

from recframe.model.encoder_probe import BrokenContract, probe
from recframe.model.last_vector import last_vector
from recframe.model.packed_vectors import can_pack, packed_vectors
from recframe.plugin.types import EncoderContext, EncoderType
from recframe.testing.conversion import convert_layer
from recframe.testing.options import chosen_options

LENGTH, FEATURES, WIDTH = 12, 6, 8


class EncoderContract:
    """Run by pytest on a subclass that sets `contribution` and, where the options are required, `options`."""

    contribution: ClassVar[EncoderType]
    options: ClassVar[Any] = None

    def make(self) -> tuple[EncoderType, Any, keras.Layer]:
        kind = self.contribution
        options = chosen_options(kind, self.options)
        keras.utils.set_random_seed(3)
        layer = kind.build(options, EncoderContext(WIDTH, LENGTH, step_width=FEATURES))
        layer(tf.zeros((1, LENGTH, FEATURES)), mask=tf.ones((1, LENGTH), tf.bool))
        # Biases that start at 0 would hide a padded step that leaks through one. What does not train may be a variance
        # or a seed, which takes no noise.
        for weight in layer.trainable_variables:
            weight.assign_add(np.random.default_rng(1).normal(0, 0.3, weight.shape))
        return kind, options, layer

    def vector(self, steps: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """float32 [batch, units]: the whole history's vector."""
        kind, options, layer = self.make()
        inputs, kept = tf.constant(steps, tf.float32), tf.constant(mask)
        if not kind.causal(options):
            return np.asarray(layer(inputs, mask=kept))
        return np.asarray(last_vector(layer, inputs, kept))

    def steps(self, count: int, padding: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """Three histories of `count` steps, and what stands in their padding, drawn by the seed."""
        steps = np.random.default_rng(0).normal(size=(3, LENGTH, FEATURES)).astype(np.float32)[:, :count]
        # Padding holds garbage: an encoder must use the mask, not rely on zeros.
        garbage = np.random.default_rng(seed + 1).normal(size=(3, padding, FEATURES)).astype(np.float32)
        return np.concatenate([steps, garbage], axis=1), np.arange(count + padding)[None].repeat(3, 0) < count

    def test_passes_what_a_run_asks_before_training(self) -> None:
        kind, options, layer = self.make()
        try:
            probe(layer, kind.causal(options), LENGTH, FEATURES)
        except BrokenContract as wrong:
            pytest.fail(f"the encoder {wrong}")

    def test_gives_one_finite_vector_for_a_history(self) -> None:
        vector = self.vector(*self.steps(LENGTH, 0))
        assert vector.ndim == 2, f"gives {list(vector.shape)} for 3 histories; wanted is [3, units]"
        assert vector.shape[0] == 3, f"gives {vector.shape[0]} vectors for 3 histories; wanted is one for each"
        assert np.isfinite(vector).all(), f"gives values that are not finite: {vector[~np.isfinite(vector)][:3]}"

    def test_padding_is_neutral(self) -> None:
        for count in (1, 2, 5, LENGTH - 1):
            whole = self.vector(*self.steps(count, LENGTH - count))
            other = self.vector(*self.steps(count, LENGTH - count, seed=7))
            self.require_equal(other, whole, f"{count} steps: what stands in padded steps changes the vector")
            # A single step would be broadcast to a table of positions without an error.
            for padding in {0, 1, LENGTH - count - 1} - {1 - count}:
                try:
                    fewer = self.vector(*self.steps(count, padding))
                except Exception:  # a layer may be made for histories of one length, as the model's are
                    continue
                self.require_equal(fewer, whole, f"{count} steps: less padding, {padding} steps, changes the vector")

    def require_equal(self, got: np.ndarray, wanted: np.ndarray, wrong: str, tolerance: float = 1e-5) -> None:
        np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance, err_msg=wrong)

    def test_an_empty_history_gives_numbers(self) -> None:
        vector = self.vector(*self.steps(0, LENGTH))
        assert np.isfinite(vector).all(), f"a history without steps gives {vector[0][:3]}; wanted are finite numbers"

    def test_the_steps_matter(self) -> None:
        steps, mask = self.steps(LENGTH, 0)
        one, other = self.vector(steps, mask), self.vector(steps[:, ::-1] * 2, mask)
        assert not np.allclose(one, other, atol=1e-6), f"two histories get one vector, {one[0][:3]}..."

    def test_a_causal_encoder_gives_each_prefix_its_own_vector(self) -> None:
        kind, options, layer = self.make()
        if not kind.causal(options):
            return
        steps, mask = self.steps(LENGTH - 4, 4)
        positions = np.asarray(layer(tf.constant(steps), mask=tf.constant(mask)))
        for count in range(1, LENGTH - 3):
            prefix = self.vector(steps, np.arange(LENGTH)[None].repeat(3, 0) < count)
            wrong = f"the vector at step {count} is not that of the first {count} steps"
            self.require_equal(positions[:, count - 1], prefix, wrong)

    def test_histories_that_share_a_row_do_not_meet(self) -> None:
        kind, options, layer = self.make()
        if not kind.causal(options) or not can_pack(layer):
            return
        steps, mask = self.steps(LENGTH - 4, 4)
        apart = np.asarray(layer(tf.constant(steps), mask=tf.constant(mask)))
        row, kept = steps.reshape(1, -1, steps.shape[-1]), mask.reshape(1, -1)
        segments = np.repeat(np.arange(1, len(steps) + 1), steps.shape[1]).astype(np.int32)[None]
        together = packed_vectors(layer, tf.constant(row), tf.constant(kept), tf.constant(segments))
        wanted = apart.reshape(1, row.shape[1], -1)
        self.require_equal(np.asarray(together), wanted, "histories that share a row get other vectors than alone")

    def test_gradients_reach_every_weight(self) -> None:
        _, _, layer = self.make()
        steps, mask = self.steps(LENGTH - 2, 2)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.square(layer(tf.constant(steps), mask=tf.constant(mask))))
        for weight, gradient in zip(
            layer.trainable_variables,
            tape.gradient(loss, [w.value for w in layer.trainable_variables]),
            strict=True,
        ):
            assert gradient is not None, f"no gradient reaches {weight.path}"
            # An embedding's gradient holds its rows only.
            values = np.asarray(tf.convert_to_tensor(gradient))
            assert np.isfinite(values).all(), f"the gradient of {weight.path} is not finite"

    def test_converts_to_builtin_ops_and_answers_the_same(self) -> None:
        kind, options, layer = self.make()
        causal = kind.causal(options)

        def serve(steps: tf.Tensor, present: tf.Tensor) -> tf.Tensor:
            mask = present > 0
            return last_vector(layer, steps, mask) if causal else layer(steps, mask=mask)

        inputs = {
            "steps": tf.TensorSpec((1, LENGTH, FEATURES), tf.float32),
            "present": tf.TensorSpec((1, LENGTH), tf.int32),
        }
        steps, mask = self.steps(5, LENGTH - 5)
        answer = convert_layer(layer, serve, inputs)(steps=steps[:1], present=mask[:1].astype(np.int32))
        wanted = self.vector(steps[:1], mask[:1])
        self.require_equal(answer, wanted, "LiteRT answers otherwise than Keras", tolerance=1e-4)
