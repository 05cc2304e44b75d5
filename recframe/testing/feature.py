"""The contract of every feature type."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import keras
import numpy as np
import pytest
import tensorflow as tf

from recframe.data.code_checks import fault_of
from recframe.errors import RecframeError
from recframe.plugin.types import EncodedFeature, FeatureContext, FeatureType, FeatureValues
from recframe.runtime.inputs import FeatureInput
from recframe.testing.conversion import convert_layer
from recframe.testing.options import chosen_options

BATCH, LENGTH, WIDTH = 3, 8, 4
#: Values of a step, for a type that reads several.
VALUES = 5

#: Values that a dataset's column may hold. A type takes the sorts that it can read, and refuses the others.
SAMPLES: Mapping[str, np.ndarray] = {
    "whole numbers": np.array([-3, 0, 7, 12]),
    "numbers": np.array([-2.25, 0.5, 3.0, 1000.0]),
    "texts": np.array(["a", "b", "two words", "Ünïcode"]),
}
#: Values that a column may hold by mistake. A type may refuse these; if it takes them, its codes must be sound.
ODD_SAMPLES: Mapping[str, np.ndarray] = {
    "the largest whole numbers": np.array([np.iinfo(np.int64).min, 1, np.iinfo(np.int64).max]),
    "the largest numbers": np.array([-1e308, 5e-324, 1e308]),
    "numbers that are not finite": np.array([-np.inf, 1.0, np.inf, np.nan]),
    "an empty text": np.array(["", " ", "a"]),
}


class FeatureContract:
    """Run by pytest on a subclass that sets `contribution` and, where the options are required, `options`.

    Attributes:
        values: Distinct values that the type takes; if empty, the suite uses those of SAMPLES that the type takes.
    """

    contribution: ClassVar[FeatureType]
    options: ClassVar[Any] = None
    values: ClassVar[Sequence[Any]] = ()

    def encode(self, values: np.ndarray, counts: np.ndarray) -> EncodedFeature:
        options = chosen_options(self.contribution, self.options)
        return self.contribution.encode(options, FeatureValues(values, counts.astype(np.int64)))

    def counts(self, values: np.ndarray) -> np.ndarray:
        """A different count for each value, so that there are no ties, in random order."""
        return 50 + np.random.default_rng(0).permutation(len(values))

    def samples(self) -> Mapping[str, np.ndarray]:
        return {"values": np.asarray(self.values)} if len(self.values) else SAMPLES

    def taken(self) -> dict[str, tuple[np.ndarray, EncodedFeature]]:
        """The samples that the type takes, with their encoding; the test is skipped where it takes none."""
        taken = {}
        for sort, values in self.samples().items():
            try:
                taken[sort] = values, self.encode(values, self.counts(values))
            except Exception:  # test_takes_or_refuses reports it
                if len(self.values):
                    raise
        if not taken:
            pytest.skip("set values = (...) in a test of your own: the type takes none of those that the suite has")
        return taken

    def require_sound(self, sort: str, count: int, encoded: EncodedFeature) -> None:
        """As a run demands it: finite codes of the declared dtype for each value, and ids that the vocabulary has."""
        fault = fault_of(encoded, self.contribution.dtype, count)
        assert not fault, f"{sort}: `encode` {fault}"

    def reads_several(self) -> bool:
        """Whether the layer receives several values of a step."""
        return self.contribution.several or any(encoded.codes.ndim == 2 for _, encoded in self.taken().values())

    def make(self) -> tuple[keras.Layer, np.ndarray]:
        """The layer with weights, and inputs for it, [batch, length] or with values too, with padding at the end."""
        _, encoded = next(iter(self.taken().values()))
        size = len(encoded.vocabulary) if encoded.vocabulary else 0
        keras.utils.set_random_seed(3)
        options = chosen_options(self.contribution, self.options)
        layer = self.contribution.build(options, FeatureContext(size=size, width=WIDTH))
        values = encoded.codes.shape[1:] or ((VALUES,) if self.contribution.several else ())
        inputs = np.resize(encoded.codes, (BATCH, LENGTH, *values))
        inputs[:, -2:] = 0
        if self.contribution.several:
            inputs[:, ::2, -3:] = 0  # some steps have fewer values
        layer(tf.constant(inputs))
        # Weights that start at 0 would hide a layer that ignores its input.
        rng = np.random.default_rng(1)
        for weight in layer.trainable_variables:
            weight.assign_add(rng.normal(0, 0.3, weight.shape))
        return layer, inputs

    def test_declares_a_dtype_that_the_model_reads(self) -> None:
        assert self.contribution.dtype in ("int32", "float32"), f"dtype is {self.contribution.dtype!r}"

    def test_takes_or_refuses(self) -> None:
        for sort, values in {**self.samples(), **SAMPLES, **ODD_SAMPLES}.items():
            try:
                self.encode(values, self.counts(values))
            except RecframeError:
                assert sort != "values", "the type refuses the values that the test gives"
            except Exception as error:
                pytest.fail(f"{sort}: raises {type(error).__name__} ({error}); refuse values with recframe.DataError")

    def test_gives_each_value_a_code(self) -> None:
        for sort, (values, encoded) in self.taken().items():
            self.require_sound(sort, len(values), encoded)

    def test_odd_values_are_refused_or_get_sound_codes(self) -> None:
        for sort, values in ODD_SAMPLES.items():
            try:
                encoded = self.encode(values, self.counts(values))
            except RecframeError:
                continue
            self.require_sound(sort, len(values), encoded)

    def test_apps_read_the_codes_that_training_read(self) -> None:
        for sort, (values, encoded) in self.taken().items():
            count, codes = len(values), encoded.codes
            about = {"name": self.contribution.name, "source": "value", "scope": "history"}
            about |= {
                "values": "one" if codes.ndim == 1 else "pooled",
                "vocabulary": "texts" if encoded.vocabulary else "",
            }
            tensor = {"shape": list(codes.shape), "steps": count, "dtype": codes.dtype.name}
            app = FeatureInput(
                {**about, **tensor, "statistics": dict(encoded.statistics)}, False, encoded.vocabulary or (), (), id
            )
            read = np.zeros_like(codes)
            app.write(read, [0] * count, values.tolist())
            np.testing.assert_allclose(
                read,
                encoded.codes,
                rtol=1e-6,
                err_msg=f"{sort}: apps encode {values.tolist()} by the vocabulary and the statistics alone, as "
                "recframe.runtime.encoding says, and get other codes (x) than encode gave (y)",
            )

    def test_id_0_is_left_to_padding(self) -> None:
        for sort, (values, encoded) in self.taken().items():
            if encoded.vocabulary is None:
                continue
            unknown = ~encoded.codes.reshape(len(values), -1).any(axis=1)
            if self.options is None:
                assert not unknown.any(), f"{sort}: training saw {values[unknown].tolist()}, which have id 0 (padding)"
            # Options may limit the vocabulary, or fix it.
            assert not unknown.all(), f"{sort}: every value has id 0, which is padding and unknown"

    def test_values_that_training_never_saw_are_no_trouble(self) -> None:
        for sort, (values, _) in self.taken().items():
            for seen in range(len(values)):
                counts = np.where(np.arange(len(values)) < seen, self.counts(values), 0)
                first, second = self.encode(values, counts), self.encode(values, counts)
                self.require_sound(f"{sort}, {seen} of them seen", len(values), first)
                assert first.vocabulary == second.vocabulary, f"{sort}: unseen values get another vocabulary each time"
                np.testing.assert_array_equal(first.codes, second.codes)

    def test_the_same_values_get_the_same_codes_in_any_order(self) -> None:
        for sort, (values, encoded) in self.taken().items():
            counts = self.counts(values)
            for seed in range(3):
                np.random.seed(seed)  # a type that draws codes from it is found out
                order = np.random.default_rng(seed).permutation(len(values))
                again = self.encode(values[order], counts[order])
                assert again.vocabulary == encoded.vocabulary, (
                    f"{sort}: the vocabulary is {encoded.vocabulary}, and {again.vocabulary} for the values as "
                    f"{values[order].tolist()}"
                )
                np.testing.assert_array_equal(again.codes, encoded.codes[order], f"{sort}: codes change with the order")

    def test_statistics_can_stand_in_a_manifest(self) -> None:
        for sort, (_, encoded) in self.taken().items():
            try:
                again = json.loads(json.dumps(dict(encoded.statistics), allow_nan=False))
            except (TypeError, ValueError) as error:
                pytest.fail(f"{sort}: the statistics {encoded.statistics} are not JSON: {error}")
            assert again == dict(encoded.statistics), f"{sort}: the statistics do not come back from JSON"

    def test_padding_among_a_steps_values_is_neutral(self) -> None:
        if not self.reads_several():
            return
        layer, inputs = self.make()
        wider = np.concatenate([inputs, np.zeros((BATCH, LENGTH, 4), inputs.dtype)], axis=2)
        same = np.asarray(layer(tf.constant(inputs))), np.asarray(layer(tf.constant(wider)))
        np.testing.assert_allclose(*same, rtol=1e-5, atol=1e-6, err_msg="more padding, another answer")

    def test_the_layer_gives_a_finite_vector_for_each_step(self) -> None:
        layer, inputs = self.make()
        for part in (inputs, inputs[:1], inputs[:, :1], inputs * 0):
            vectors = layer(tf.constant(part))
            assert vectors.dtype == tf.float32, f"the layer gives {vectors.dtype.name}, not float32"
            assert len(vectors.shape) == 3, f"the layer gives {tuple(vectors.shape)}, not [batch, length, units]"
            assert tuple(vectors.shape[:2]) == part.shape[:2], (
                f"the layer gives {tuple(vectors.shape)} for {part.shape}"
            )
            assert np.isfinite(np.asarray(vectors)).all(), "the layer gives a value that is not finite"

    def test_the_values_matter(self) -> None:
        layer, _ = self.make()
        _, encoded = next(iter(self.taken().values()))
        codes = np.unique(encoded.codes)
        inputs = codes[None, :, None] if self.reads_several() else codes[None]
        vectors = np.asarray(layer(tf.constant(inputs)))[0]
        assert len(codes) < 2 or np.ptp(vectors, axis=0).max() > 1e-6, "every value gets the same vector"

    def test_gradients_reach_every_weight(self) -> None:
        layer, inputs = self.make()
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.square(layer(tf.constant(inputs))))
        weights = layer.trainable_variables
        for weight, gradient in zip(weights, tape.gradient(loss, [w.value for w in weights]), strict=True):
            assert gradient is not None, f"no gradient reaches {weight.path}"
            # An embedding's gradient holds its rows only.
            assert np.isfinite(np.asarray(tf.convert_to_tensor(gradient))).all(), f"{weight.path}: not finite"

    def test_converts_to_builtin_ops_and_answers_the_same(self) -> None:
        layer, inputs = self.make()
        signature = {"inputs": tf.TensorSpec((1, *inputs.shape[1:]), self.contribution.dtype)}
        ask = convert_layer(layer, lambda inputs: layer(inputs), signature)
        for row in range(BATCH):
            part = inputs[row : row + 1]
            np.testing.assert_allclose(ask(inputs=part), np.asarray(layer(tf.constant(part))), rtol=1e-4, atol=1e-4)
