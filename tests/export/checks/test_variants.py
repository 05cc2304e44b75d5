"""Smaller number formats: the bytes they take, what they keep of the answers, and what is refused."""

from __future__ import annotations

from pathlib import Path

import attrs
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

from recframe.errors import ExportError
from recframe.export.checks.delivery import too_much_lost
from recframe.export.checks.gate import Variant, candidates, choose, make_variant
from recframe.export.checks.parity import compare
from recframe.export.graph.serving import ANSWER
from recframe.export.litert.flatbuffer.constants import float_weights
from recframe.export.litert.flatbuffer.reading import ModelFacts, constant, op_name, parse, read_facts
from recframe.export.litert.lite import LiteModel, ask_lite, convert
from recframe.export.litert.quantize import quantized
from recframe.plugin.exporting import ExportContext, HeldOut
from recframe.plugin.manager import load_plugins
from recframe.spec.experiment import VARIANTS, ExportSpec
from tests.export.untrained import untrained

#: Bytes of a weight, and the least overlap of the top 10, of drawn weights, that these formats must keep.
EXPECTED = {"float32": (4, 1.0), "float16": (2, 0.99), "int8": (1, 0.9), "int4": (0.5, 0.6)}


@pytest.fixture(scope="module", params=["bow", "cnn", "lstm", "gru"])
def context(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ExportContext:
    return untrained(tmp_path_factory.mktemp("export"), f"encoder={request.param}")


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_is_small_whole_and_close(context: ExportContext, variant: str) -> None:
    made = make_variant(context, variant, "tflite")  # checks ops, types, size, and that nothing is left float32
    per_weight, overlap = EXPECTED[variant]
    assert made.figures["overlap"] >= overlap, made.figures
    labels, width = len(context.catalogue.labels), context.spec.model.width
    table = next(held for held in context.module.held if tuple(held.shape) == (labels, width))
    rows = 4 * table.shape[0] if variant in ("int8", "int4") else 0
    stored = [len(buffer.data) for buffer in parse(made.content).buffers if buffer.data is not None]
    assert stored.count(int(table.shape[0] * table.shape[1] * per_weight)) == 1, "the tied table is stored once"
    assert not rows or rows in stored
    assert {"top_prediction_ids", "top_prediction_scores"} == set(_outputs(made.content))


def _outputs(content: bytes) -> list[str]:
    signature = parse(content).signatureDefs[0]
    assert signature.signatureKey == ANSWER.encode()
    return [output.name.decode() for output in signature.outputs]


@pytest.mark.parametrize("variant", ["float16", "int8", "int4"])
def test_nothing_that_should_be_small_stays_float32(context: ExportContext, variant: str) -> None:
    content = convert(context.module, variant, "test")
    assert float_weights(convert(context.module, "float32", "test"))
    assert float_weights(content) == []
    model = parse(content)
    kinds = {
        tensor.type
        for graph in model.subgraphs
        for operator in graph.operators
        if op_name(model, operator) in ("FULLY_CONNECTED", "EMBEDDING_LOOKUP")
        for tensor in [graph.tensors[operator.inputs[1]]]
        if constant(model, tensor) is not None and list(tensor.shape) == [401, 16]
    }
    wanted = {"float16": set(), "int8": {schema.TensorType.INT8}, "int4": {schema.TensorType.INT4}}[variant]
    assert kinds == wanted


def test_the_same_weights_give_the_same_bytes(context: ExportContext) -> None:
    again = untrained(Path(), f"encoder={context.spec.encoder.type}")
    for variant in VARIANTS:
        assert convert(context.module, variant, "one") == convert(again.module, variant, "two")


def test_the_scores_of_all_items_are_those_of_the_model(context: ExportContext) -> None:
    content = convert(context.module, "float32", "test")
    scores = LiteModel(content).score(context.histories)
    answers = compare(
        context.expected,
        lambda inputs: _best(context, scores, inputs),
        context.histories,
    )
    assert answers["overlap"] == 1


def _best(context: ExportContext, scores: np.ndarray, inputs: dict[str, np.ndarray]):  # type: ignore[no-untyped-def]
    from recframe.export.checks.parity import best_answers

    row = next(i for i, known in enumerate(context.histories["item"]) if (known == inputs["item"][0]).all())
    row_scores = scores[row : row + 1].copy()
    np.put_along_axis(row_scores, inputs["item"].astype(np.int64), np.float32(-1e30), axis=1)
    row_scores[:, 0] = -1e30
    return best_answers(row_scores, 10)


@pytest.fixture(scope="module")
def bow(tmp_path_factory: pytest.TempPathFactory) -> ExportContext:
    return untrained(tmp_path_factory.mktemp("export"), "encoder=bow", "export.max_recall_drop=0.5")


@pytest.mark.parametrize("variant", ["float16", "int8", "int4"])
def test_a_constant_that_is_added_is_stored_small_and_read_wide(variant: str) -> None:
    """As a learnt table of positions; a vector and a small one stay as they are."""
    rng = np.random.default_rng(3)
    positions, vector = (rng.normal(size=size).astype(np.float32) for size in ((1, 40, 32), (1, 40 * 32)))
    nearest = 1e-3 if variant == "float16" else np.abs(positions).max() / 254 + 1e-6

    def graph(x: tf.Tensor) -> tf.Tensor:
        return tf.reshape(x + positions, [1, -1]) + vector

    module = tf.Module()
    module.f = tf.function(graph, input_signature=[tf.TensorSpec([1, 40, 32], tf.float32)])
    content = tf.lite.TFLiteConverter.from_concrete_functions([module.f.get_concrete_function()], module).convert()
    assert [name.partition(" ")[2] for name in float_weights(content)] == ["[1, 40, 32]"]
    small = quantized(content, variant)
    assert float_weights(small) == []
    facts, before = read_facts(small), read_facts(content)
    assert facts.ops == {**before.ops, "DEQUANTIZE": 1}
    saved = positions.size * (2 if variant == "float16" else 3)
    assert before.constants - facts.constants == saved
    steps = rng.normal(size=(1, 40, 32)).astype(np.float32)
    interpreter = Interpreter(model_content=small)
    interpreter.allocate_tensors()
    for _ in range(2):  # it is made wide once
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], steps)
        interpreter.invoke()
        output = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
        np.testing.assert_allclose(output, graph(steps), rtol=0, atol=nearest)


def test_a_variant_that_loses_too_much_is_refused_with_its_figures(bow: ExportContext) -> None:
    assert bow.held_out is not None
    better = attrs.evolve(bow.held_out, trained={name: 0.9 for name in bow.held_out.trained})
    strict = attrs.evolve(bow.spec, export=attrs.evolve(bow.spec.export, max_recall_drop=0.02))
    made = make_variant(attrs.evolve(bow, held_out=better, spec=strict), "int8", "tflite")
    assert "recall@10 on the test targets falls from 0.9000 to" in made.refused
    with pytest.raises(ExportError, match=r"int8: recall@10 on the test targets falls .*max_recall_drop is 2.0%"):
        choose([made], strict.export)


@pytest.mark.parametrize("exporter", ["android", "web"])
def test_an_exporter_of_one_file_holds_the_limit_too(bow: ExportContext, exporter: str, tmp_path: Path) -> None:
    exporters = load_plugins().exporters
    if exporter not in exporters.names():
        pytest.skip("recframe-web is not installed: there is no npm")
    assert bow.held_out is not None
    better = attrs.evolve(bow.held_out, trained={name: 0.9 for name in bow.held_out.trained})
    strict = attrs.evolve(bow.spec, export=attrs.evolve(bow.spec.export, max_recall_drop=0.02, variants=("int8",)))
    context = attrs.evolve(bow, held_out=better, spec=strict, folder=tmp_path)
    kind = exporters[exporter]
    with pytest.raises(ExportError, match=rf"{exporter}/int8: recall@10 on the test targets falls from 0.9000 to"):
        kind.export(kind.options(), context)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("targets", [3, 671, 6040])
def test_one_target_may_always_be_lost_and_two_only_within_the_limit(targets: int) -> None:
    for hits in range(2, 1 + min(targets, 200)):
        trained = {"recall@10": hits / targets}
        held_out = HeldOut(lambda: (), np.ones(targets, np.int64), np.zeros((targets, 10), np.int64), trained)
        for lost in (1, 2):
            figures = {"recall@10": (hits - lost) / targets, "recall@10_drop": lost / hits}
            refused = too_much_lost(figures, held_out, ExportSpec(max_recall_drop=0.02))
            assert bool(refused) == (lost == 2 and 2 / hits > 0.02), (hits, lost, refused)


def test_the_best_that_fits_is_chosen() -> None:
    nothing = ModelFacts({}, (), (), (), 0, 0)

    def variant(name: str, size: int, recall: float, refused: str = "") -> Variant:
        return Variant(name, b"x" * size, nothing, {"recall@10": recall, "overlap": 1}, {}, refused)

    sizes = {"float32": 4000, "float16": 2000, "int8": 1000, "int4": 600}
    made = [
        variant(*name_and_size, recall)
        for name_and_size, recall in zip(sizes.items(), (0.3, 0.3, 0.29, 0.2), strict=True)
    ]
    assert choose(made, ExportSpec()).variant == "float32"
    for size, chosen in ((5, "float16"), (2.0, "float16"), (1.5, "int8"), (0.7, "int4")):
        assert choose(made, ExportSpec(max_size_kb=size)).variant == chosen
    with pytest.raises(ExportError, match=r"nothing fits into 0.5 KB: float32 4.0 KB; .*int4 0.6 KB"):
        choose(made, ExportSpec(max_size_kb=0.5))
    made[2] = variant("int8", 1000, 0.29, "bad")
    assert choose(made, ExportSpec(max_size_kb=1.5)).variant == "int4"
    other = attrs.evolve(variant("int4", 600, 0.291), figures={"recall@10": 0.291, "overlap": 0.8})
    close = [variant("int8", 1000, 0.290), other]
    assert choose(close, ExportSpec(max_size_kb=1.5), targets=1000).variant == "int8"
    assert choose(close, ExportSpec(max_size_kb=1.5), targets=100_000).variant == "int4"
    assert candidates(ExportSpec(max_size_kb=1.5)) == VARIANTS
    assert candidates(ExportSpec(max_size_kb=1.5, variants=("int8", "int4"))) == ("int8", "int4")
    assert candidates(ExportSpec(variants=("int8",))) == ("int8",)


def test_a_model_without_large_tables_passes_through(bow: ExportContext) -> None:
    content = convert(bow.module, "float32", "test")
    assert quantized(content, "float32") == content
    assert not read_facts(content).refused
    assert ask_lite(content)({name: values[:1] for name, values in bow.histories.items()}).ids.shape == (1, 10)
