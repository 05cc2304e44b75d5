"""What a file may take and hold, and what is refused with its op, layer and plugin."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema

from recframe.errors import ExportError
from recframe.export.checks import gate
from recframe.export.checks.gate import SPARE, checked_model, make_variant
from recframe.export.litert.flatbuffer.packing import pack
from recframe.export.litert.flatbuffer.reading import parse
from recframe.export.litert.lite import convert
from recframe.export.litert.quantize import needed_bytes
from recframe.plugin.exporting import ExportContext
from recframe.plugin.types import EncoderType
from recframe.spec.experiment import VARIANTS
from tests.export.untrained import untrained


@pytest.fixture(scope="module")
def bow(tmp_path_factory: pytest.TempPathFactory) -> ExportContext:
    return untrained(tmp_path_factory.mktemp("export"), "encoder=bow", "export.max_recall_drop=0.5")


def test_a_table_that_another_op_reads_is_named(bow: ExportContext, monkeypatch: pytest.MonkeyPatch) -> None:
    real = convert

    def lazy(module, variant, name, signatures=None):  # type: ignore[no-untyped-def]
        return real(module, "float32", name, signatures)

    monkeypatch.setattr("recframe.export.checks.gate.convert", lazy)
    with pytest.raises(ExportError, match=r"tflite/int8: .*\[401, 16\].* stayed float32: .*history: bow of recframe"):
        make_variant(bow, "int8", "tflite")


def twice(module, variant, name, signatures=None):  # type: ignore[no-untyped-def]
    """In place of `convert`: each of the two graphs has a table of the items."""
    model = parse(convert(module, variant, name))
    table = next(tensor for tensor in model.subgraphs[1].tensors if list(tensor.shape) == [401, 16])
    other = schema.BufferT()
    other.data = np.roll(model.buffers[table.buffer].data, 4)  # equal ones would be written once
    table.buffer = len(model.buffers)
    model.buffers.append(other)
    return pack(model)


def test_what_is_stored_twice_is_refused(bow: ExportContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recframe.export.checks.gate.convert", twice)
    with pytest.raises(
        ExportError, match=r"stored twice .*\[401, 16\] of 25,664 bytes for FULLY_CONNECTED.*bow of recframe"
    ):
        make_variant(bow, "float32", "tflite")


@pytest.mark.parametrize("limit", ["OPERATOR_BYTES", "GRAPH_BYTES"])
def test_a_graph_of_more_bytes_than_its_operators_need_is_refused(
    bow: ExportContext, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    """More than 5 % above is left to a model of few parameters alone, and no more than its graph needs."""
    content, facts, needed = checked_model(bow.module, "int8", "test")
    assert len(content) > SPARE * needed
    signatures = gate.SIGNATURE_BYTES if limit == "OPERATOR_BYTES" else 0
    shared = sum(facts.ops.values()) if limit == "OPERATOR_BYTES" else 1
    monkeypatch.setattr(gate, limit, (facts.graph - signatures - 1) // shared)
    with pytest.raises(ExportError, match=r"tflite/int8: the file takes .* graph of \d+ operators .*bow of recframe"):
        make_variant(bow, "int8", "tflite")


class Folding(tf.keras.layers.Layer):  # type: ignore[misc]
    """Decaying sums by a kernel [history, history, units], which the converter computes of the weights."""

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.decay = self.add_weight(shape=(shape[-1],), initializer="zeros", name="decay")

    def call(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        apart = tf.range(steps.shape[1])[:, None] - tf.range(steps.shape[1])[None]
        powers = tf.sigmoid(self.decay) ** tf.cast(tf.maximum(apart, 0), tf.float32)[..., None]
        kernel = tf.where((apart >= 0)[..., None], powers, 0.0)
        values = steps * tf.cast(mask, tf.float32)[..., None]
        return tf.reduce_sum(tf.reduce_sum(kernel[None] * values[:, None], axis=2), axis=1)


def folding(folder: Path) -> ExportContext:
    encoder = EncoderType("folding", summary="A kernel.", build=lambda options, context: Folding())
    return untrained(folder, "model.history_length=40", encoder=encoder)


@pytest.mark.parametrize("variant", ["float32", "int8"])
def test_a_kernel_that_the_converter_folds_is_allowed(
    tmp_path: Path, variant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is larger than all parameters together."""
    context = folding(tmp_path)
    _, facts, needed = checked_model(context.module, variant, "test")
    assert facts.constants > needed + 40 * 40 * 16 * (1 if variant == "int8" else 4)
    monkeypatch.setattr(gate, "_folded_bytes", lambda module, content: 0)
    with pytest.raises(ExportError, match=r"stored twice .*\[\d*,? ?40, 40, 16\].*folding of test"):
        checked_model(context.module, variant, "test")


def test_a_second_table_beside_a_folded_kernel_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = folding(tmp_path)
    monkeypatch.setattr("recframe.export.checks.gate.convert", twice)
    with pytest.raises(ExportError, match=r"stored twice .*\[401, 16\] of 25,664 bytes .*folding of test"):
        checked_model(context.module, "float32", "test")


def test_an_encoder_without_a_builtin_form_is_refused_with_the_op(tmp_path: Path) -> None:
    class Odd(tf.keras.layers.Layer):  # type: ignore[misc]
        def call(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
            return tf.raw_ops.Igamma(a=tf.reduce_sum(steps, 1) ** 2 + 1.0, x=tf.constant(1.0))

    odd = EncoderType("odd", summary="An op that LiteRT lacks.", build=lambda options, context: Odd())
    context = untrained(tmp_path, encoder=odd)
    words = r"tflite/float32: .* LiteRT has no Igamma \(at .*odd.*\); look at the encoders \(history: odd of test\)"
    with pytest.raises(ExportError, match=words):
        make_variant(context, "float32", "tflite")


def test_a_loop_that_is_written_out_is_refused(tmp_path: Path) -> None:
    class WrittenOut(tf.keras.layers.Layer):  # type: ignore[misc]
        def call(self, steps: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
            state = tf.zeros_like(steps[:, 0])
            for step in range(200):
                state = tf.tanh(state * 0.9 + steps[:, step % 8] * tf.cast(mask[:, step % 8, None], tf.float32))
            return state

    loop = EncoderType("loop", summary="200 steps.", build=lambda options, context: WrittenOut())
    context = untrained(tmp_path, encoder=loop)
    with pytest.raises(
        ExportError,
        match=r"its graph of \d,\d+ operators takes .*; most are \d+ MUL \(at .*written_out.*history: loop of test",
    ):
        checked_model(context.module, "float32", "tflite/float32")


@pytest.mark.slow
@pytest.mark.parametrize("encoder", ["bow", "cnn", "lstm", "gru"])
def test_a_file_of_9000_items_is_within_5_percent_of_its_parameters(encoder: str) -> None:
    sizes = ["users=1500", "items=9000", "events_per_user=60", "popularity_skew=0"]
    context = untrained(Path(), f"encoder={encoder}", "model.width=32", *(f"dataset.{size}" for size in sizes))
    assert len(context.catalogue.labels) > 8_900
    for variant in VARIANTS:
        content, _, needed = checked_model(context.module, variant, "test")
        assert needed < len(content) <= 1.05 * needed, variant


@pytest.mark.parametrize(
    ("shape", "variant", "size"),
    [
        ((1000, 32), "float32", 128_000),
        ((1000, 32), "float16", 64_000),
        ((1000, 32), "int8", 36_000),
        ((1000, 32), "int4", 20_000),
        ((1000, 33), "int4", 37_000),
        ((32, 64), "int8", 32 * 64 + 12 * 64),
        ((64,), "int8", 256),
        ((5, 6), "int4", 120),
    ],
)
def test_what_parameters_need(shape: tuple[int, ...], variant: str, size: int) -> None:
    assert needed_bytes([shape], variant) == size
