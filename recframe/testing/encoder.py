"""The contract of every encoder."""

from __future__ import annotations

from typing import Any, ClassVar

import keras
import numpy as np
import tensorflow as tf

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
        # Biases that start at 0 would hide a padded step that leaks through one.
        layer.set_weights([w + np.random.default_rng(1).normal(0, 0.3, w.shape) for w in layer.get_weights()])
        return kind, options, layer

    def vector(self, steps: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """float32 [batch, units]: the whole history's vector."""
        kind, options, layer = self.make()
        inputs, kept = tf.constant(steps, tf.float32), tf.constant(mask)
        if not kind.causal(options):
            return np.asarray(layer(inputs, mask=kept))
        return np.asarray(last_vector(layer, inputs, kept))

    def steps(self, count: int, padding: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(0)
        steps = rng.normal(size=(3, LENGTH, FEATURES)).astype(np.float32)[:, :count]
        # Padding holds garbage: an encoder must use the mask, not rely on zeros.
        steps = np.concatenate([steps, rng.normal(size=(3, padding, FEATURES)).astype(np.float32)], axis=1)
        return steps, np.arange(count + padding)[None].repeat(3, 0) < count

    def test_gives_one_finite_vector_for_a_history(self) -> None:
        vector = self.vector(*self.steps(LENGTH, 0))
        assert vector.ndim == 2
        assert vector.shape[0] == 3
        assert np.isfinite(vector).all()

    def test_padding_is_neutral(self) -> None:
        for count in (1, 2, 5, LENGTH):
            bare = self.vector(*self.steps(count, 0))
            for padding in (1, 3, 20):
                np.testing.assert_allclose(self.vector(*self.steps(count, padding)), bare, rtol=1e-5, atol=1e-5)

    def test_an_empty_history_gives_numbers(self) -> None:
        assert np.isfinite(self.vector(*self.steps(0, LENGTH))).all()

    def test_the_steps_matter(self) -> None:
        steps, mask = self.steps(LENGTH, 0)
        assert not np.allclose(self.vector(steps, mask), self.vector(steps[:, ::-1] * 2, mask), atol=1e-6)

    def test_a_causal_encoder_gives_each_prefix_its_own_vector(self) -> None:
        kind, options, layer = self.make()
        if not kind.causal(options):
            return
        steps, mask = self.steps(LENGTH, 4)
        positions = np.asarray(layer(tf.constant(steps), mask=tf.constant(mask)))
        for count in range(1, LENGTH + 1):
            prefix = self.vector(steps, np.arange(LENGTH + 4)[None].repeat(3, 0) < count)
            np.testing.assert_allclose(positions[:, count - 1], prefix, rtol=1e-5, atol=1e-5)

    def test_histories_that_share_a_row_do_not_meet(self) -> None:
        kind, options, layer = self.make()
        if not kind.causal(options) or not can_pack(layer):
            return
        steps, mask = self.steps(LENGTH, 4)
        apart = np.asarray(layer(tf.constant(steps), mask=tf.constant(mask)))
        row, kept = steps.reshape(1, -1, steps.shape[-1]), mask.reshape(1, -1)
        segments = np.repeat(np.arange(1, len(steps) + 1), steps.shape[1]).astype(np.int32)[None]
        together = packed_vectors(layer, tf.constant(row), tf.constant(kept), tf.constant(segments))
        np.testing.assert_allclose(together, apart.reshape(1, row.shape[1], -1), rtol=1e-5, atol=1e-5)

    def test_gradients_reach_every_weight(self) -> None:
        _, _, layer = self.make()
        steps, mask = self.steps(LENGTH, 2)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.square(layer(tf.constant(steps), mask=tf.constant(mask))))
        for weight, gradient in zip(
            layer.trainable_variables,
            tape.gradient(loss, [w.value for w in layer.trainable_variables]),
            strict=True,
        ):
            assert gradient is not None, f"no gradient reaches {weight.path}"
            assert np.isfinite(np.asarray(gradient)).all()

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
        np.testing.assert_allclose(answer, self.vector(steps[:1], mask[:1]), rtol=1e-4, atol=1e-4)
