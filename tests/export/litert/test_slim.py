"""The finished file: equal parts once, one order, no operator that only copies, and the same answers."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from hypothesis import given, settings, strategies as st

from recframe.export.litert.flatbuffer.canonical import canonical
from recframe.export.litert.flatbuffer.packing import pack
from recframe.export.litert.flatbuffer.reading import parse, read_facts
from recframe.export.litert.flatbuffer.simplify import pass_copies
from recframe.export.litert.flatbuffer.slim import slim
from recframe.export.litert.lite import LiteModel, ask_lite, convert
from recframe.plugin.exporting import ExportContext
from recframe.spec.experiment import VARIANTS
from tests.export.untrained import untrained


@pytest.fixture(scope="module", params=["bow", "cnn", "lstm", "gru"])
def context(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ExportContext:
    return untrained(tmp_path_factory.mktemp("export"), f"encoder={request.param}")


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_answers_of_a_slim_file_are_the_same_and_its_graph_is_half(context: ExportContext, variant: str) -> None:
    content = convert(context.module, variant, "test")
    small, before = slim(content), read_facts(content)
    after = read_facts(small)
    assert slim(small) == small
    assert before.constants - 400 < after.constants <= before.constants  # shapes of reshapes that are gone
    assert after.ops.items() <= before.ops.items() | {(name, after.ops[name]) for name in ("RESHAPE", "STRIDED_SLICE")}
    assert after.graph < 0.6 * before.graph
    runners = [Interpreter(model_content=model) for model in (content, small)]
    assert runners[0].get_signature_list() == runners[1].get_signature_list()
    places = [[(at["name"], at["shape"].tolist()) for at in runner.get_input_details()] for runner in runners]
    assert places[0] == places[1]
    for row in range(8):
        inputs = {name: values[row : row + 1] for name, values in context.histories.items()}
        for ask in (ask_lite, lambda content: LiteModel(content).score):
            one, other = ask(content)(inputs), ask(small)(inputs)
            np.testing.assert_array_equal(getattr(one, "scores", one), getattr(other, "scores", other))


def test_the_second_signature_costs_next_to_nothing() -> None:
    both = slim(convert(untrained(Path()).module, "int8", "test"))
    one = slim(convert(untrained(Path(), "export.scores_signature=false").module, "int8", "test"))
    assert len(both) - len(one) < 1_200  # two lists of references, four operators, and names


def _tree(numbers: list[int], shapes: list[list[int]]) -> Any:
    """A model with a tensor for each shape, in turn with each of the constants."""
    model, graph = schema.ModelT(), schema.SubGraphT()
    model.version, model.subgraphs, model.operatorCodes = 3, [graph, copy.deepcopy(graph)], [schema.OperatorCodeT()]
    model.buffers = [schema.BufferT() for _ in range(1 + len(numbers))]
    for buffer, number in zip(model.buffers[1:], numbers, strict=True):
        buffer.data = np.arange(number, dtype=np.uint8)
    for subgraph in model.subgraphs:
        subgraph.tensors, subgraph.operators, subgraph.name = [], [], b"graph"
        for place, shape in enumerate(shapes):
            tensor = schema.TensorT()
            tensor.shape, tensor.name = np.array(shape, np.int32), f"tensor {len(shape)}".encode()
            tensor.buffer = place % len(model.buffers)
            subgraph.tensors.append(tensor)
            operator = schema.OperatorT()
            operator.inputs, operator.outputs = [place, -1], [place]
            subgraph.operators.append(operator)
    return model


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | list):
        return [_plain(part) for part in value]
    return {name: _plain(part) for name, part in vars(value).items()} if hasattr(value, "Pack") else value


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 200), max_size=4),
    st.lists(st.lists(st.integers(0, 5), max_size=3), max_size=6),
)
def test_a_file_reads_as_the_tree_that_was_written(numbers: list[int], shapes: list[list[int]]) -> None:
    model = _tree(numbers, shapes)
    content = pack(model)
    parsed = parse(content)
    assert _plain(parsed) == _plain(model)
    assert pack(parsed) == content
    alone = parse(content)
    del alone.subgraphs[1:]
    assert len(content) <= len(pack(alone)) + 20, "an equal graph is a reference"
    root = schema.Model.GetRootAs(content)
    for place in range(1, root.BuffersLength()):
        table = root.Buffers(place)._tab
        assert table.Vector(table.Offset(4)) % 16 == 0, "as the schema asks"


def _converted(function: Any, *shapes: tuple[int, ...]) -> bytes:
    module = tf.Module()
    module.f = tf.function(function, input_signature=[tf.TensorSpec(shape, tf.float32) for shape in shapes])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([module.f.get_concrete_function()], module)
    content: bytes = converter.convert()
    return content


def _answer(content: bytes, *inputs: np.ndarray) -> np.ndarray:
    interpreter = Interpreter(model_content=content)
    interpreter.allocate_tensors()
    for detail, values in zip(interpreter.get_input_details(), inputs, strict=True):
        interpreter.set_tensor(detail["index"], values)
    interpreter.invoke()
    answer: np.ndarray = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    return answer


def _chain(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    first, second = tf.tanh(x) * 2.0, tf.sigmoid(y) + x
    third = tf.maximum(first, second) - first
    return tf.concat([third, tf.minimum(second, third), first / 3.0], axis=1)


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_in_which_a_graph_is_given_does_not_matter(random: Any) -> None:
    model = parse(CHAIN)
    canonical(model)
    wanted = pack(model)
    graph = model.subgraphs[0]
    ready, waiting = {int(index) for index in graph.inputs}, list(graph.operators)
    ready |= {index for index, tensor in enumerate(graph.tensors) if model.buffers[tensor.buffer].data is not None}
    graph.operators = []
    while waiting:
        operator = random.choice([candidate for candidate in waiting if ready.issuperset(candidate.inputs)])
        waiting.remove(operator)
        graph.operators.append(operator)
        ready.update(operator.outputs)
    old = list(range(len(graph.tensors)))
    random.shuffle(old)
    new = {index: place for place, index in enumerate(old)}
    graph.tensors = [graph.tensors[index] for index in old]
    graph.inputs, graph.outputs = ([new[int(index)] for index in ends] for ends in (graph.inputs, graph.outputs))
    for operator in graph.operators:
        operator.inputs, operator.outputs = ([new[i] for i in ends] for ends in (operator.inputs, operator.outputs))
    for signature in model.signatureDefs:
        for named in (*signature.inputs, *signature.outputs):
            named.tensorIndex = new[int(named.tensorIndex)]
    canonical(model)
    assert pack(model) == wanted
    inputs = [np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3), np.ones((2, 3), np.float32)]
    np.testing.assert_array_equal(_answer(wanted, *inputs), _answer(CHAIN, *inputs))


CHAIN = _converted(_chain, (2, 3), (2, 3))


def test_what_no_output_needs_goes_and_inputs_stay() -> None:
    model = parse(CHAIN)
    model.signatureDefs, graph = None, model.subgraphs[0]
    graph.outputs = graph.operators[0].outputs
    canonical(model)
    assert len(graph.operators) == 1
    assert len(graph.inputs) == 2
    model = parse(CHAIN)
    model.signatureDefs = None
    model.subgraphs[0].outputs = model.subgraphs[0].inputs[:1]  # an input that is an output
    canonical(model)
    assert model.subgraphs[0].operators == []
    assert len(model.subgraphs[0].tensors) == 2


@pytest.mark.parametrize(
    ("function", "left"),
    [
        (lambda x: tf.tanh(x[:, None]) + 1.0, {"ADD": 1, "RESHAPE": 1, "TANH": 1}),
        (lambda x: tf.tanh(x[:, None])[:, :, None] + 1.0, {"ADD": 1, "RESHAPE": 2, "TANH": 1}),
        (lambda x: tf.reshape(tf.reshape(x, [3, 4]), [2, 6]) + 1.0, {"ADD": 1, "RESHAPE": 1}),
        (lambda x: tf.tanh(x[:, 1:]), {"STRIDED_SLICE": 1, "TANH": 1}),
        (lambda x: tf.tanh(x[:, ::2]), {"STRIDED_SLICE": 1, "TANH": 1}),
        (lambda x: tf.tanh(x[::-1]), {"STRIDED_SLICE": 1, "TANH": 1}),
        (lambda x: tf.tanh(x[0]), {"STRIDED_SLICE": 1, "TANH": 1}),
    ],
)
def test_only_operators_that_change_nothing_are_passed_by(function: Any, left: dict[str, int]) -> None:
    content = _converted(function, (3, 4))
    model = parse(content)
    pass_copies(model)
    canonical(model)
    small = pack(model)
    assert read_facts(small).ops == left
    x = np.linspace(-2, 2, 12, dtype=np.float32).reshape(3, 4)
    np.testing.assert_array_equal(_answer(small, x), _answer(content, x))
