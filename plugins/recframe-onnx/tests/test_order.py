"""One order, one set of names, and copies at one place, whatever order and names the converter chose."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from recframe_onnx.order import put_in_order
from recframe_onnx.tables import hold_tables_once

FLOAT, TABLE = TensorProto.FLOAT, np.arange(6, dtype=np.float32).reshape(3, 2)


def value(name: str, kind: int = FLOAT, shape: Sequence[int] = (2,)) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, list(shape))


def model(
    nodes: list[onnx.NodeProto], outputs: list[onnx.ValueInfoProto], constants: dict[str, np.ndarray]
) -> onnx.ModelProto:
    held = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    graph = helper.make_graph(nodes, "any", [value("given")], outputs, held)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def loop(mark: str, seed: int, copied: bool) -> onnx.ModelProto:
    """A loop that doubles what is given, and whose two states are one value; `copied` says which one is the copy."""
    first, second = (f"{mark}copy", f"{mark}sum") if copied else (f"{mark}sum", f"{mark}copy")
    inner = [
        helper.make_node("Add", [f"{mark}a", f"{mark}factor"], [f"{mark}sum"]),
        helper.make_node("Identity", [f"{mark}sum"], [f"{mark}copy"]),
        helper.make_node("Identity", [f"{mark}go"], [f"{mark}on"]),
    ]
    random.Random(seed).shuffle(inner)
    if [n.output[0] for n in inner].index(f"{mark}copy") < [n.output[0] for n in inner].index(f"{mark}sum"):
        inner.reverse()
    body = helper.make_graph(
        inner,
        f"{mark}body",
        [
            value(f"{mark}i", TensorProto.INT64, []),
            value(f"{mark}go", TensorProto.BOOL, []),
            value(f"{mark}a"),
            value(f"{mark}b"),
        ],
        [value(f"{mark}on", TensorProto.BOOL, []), value(first), value(second)],
    )
    nodes = [
        helper.make_node("Mul", ["given", f"{mark}two"], [f"{mark}factor"]),
        helper.make_node("Abs", ["given"], [f"{mark}unused"]),
        helper.make_node("Loop", [f"{mark}n", "", "given", "given"], [f"{mark}x", f"{mark}y"], body=body),
        helper.make_node("Add", [f"{mark}x", f"{mark}y"], ["answer"]),
    ]
    if seed % 2:
        nodes[0], nodes[1] = nodes[1], nodes[0]
    constants = {
        f"{mark}two": np.full(2, 2, np.float32),
        f"{mark}n": np.array(3),
        f"{mark}left": np.zeros(2, np.float32),
    }
    return model(nodes, [value("answer")], dict(sorted(constants.items(), reverse=bool(seed % 2))))


def in_order(made: onnx.ModelProto) -> onnx.ModelProto:
    put_in_order(made)
    onnx.checker.check_model(made, full_check=True)
    return made


def answer(made: onnx.ModelProto, values: Sequence[float]) -> list[float]:
    import onnxruntime

    session = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    output: np.ndarray = session.run(["answer"], {"given": np.array(values, np.float32)})[0]
    return output.tolist()


def test_order_names_and_copies_leave_the_bytes_as_they_are() -> None:
    first = in_order(loop("p_", 0, copied=False)).SerializeToString(deterministic=True)
    for mark, seed, copied in (("q_", 1, False), ("z_", 2, True), ("", 3, True)):
        assert in_order(loop(mark, seed, copied)).SerializeToString(deterministic=True) == first


def test_the_answers_are_as_before_and_what_is_not_needed_is_gone() -> None:
    made = loop("p_", 0, copied=True)
    before = answer(made, [1.0, -2.0])
    assert before == [14.0, -28.0]
    assert answer(in_order(made), [1.0, -2.0]) == before
    assert [node.op_type for node in made.graph.node] == ["Mul", "Loop", "Add"]
    assert len(made.graph.initializer) == 2


def test_a_new_name_is_never_that_of_an_input_or_output() -> None:
    made = model(
        [helper.make_node("Abs", ["given"], ["inner"]), helper.make_node("Neg", ["inner"], ["v1"])], [value("v1")], {}
    )
    in_order(made)
    assert [list(node.output) for node in made.graph.node] == [["v2"], ["v1"]]


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_a_transposed_copy_of_a_table_is_made_from_the_table(names: tuple[str, str]) -> None:
    rows, columns = names
    made = model(
        [
            helper.make_node("Gather", [rows, "place"], ["row"]),
            helper.make_node("Add", ["row", "given"], ["sum"]),
            helper.make_node("MatMul", ["sum", columns], ["answer"]),
        ],
        [value("answer", shape=[3])],
        {rows: TABLE, columns: np.ascontiguousarray(TABLE.T), "place": np.array(1)},
    )
    before = answer(made, [1.0, 2.0])
    hold_tables_once(made.graph)
    in_order(made)
    assert answer(made, [1.0, 2.0]) == before
    assert [list(tensor.dims) for tensor in made.graph.initializer if tensor.dims] == [[3, 2]]
    assert sorted(node.op_type for node in made.graph.node) == ["Add", "Gather", "MatMul", "Transpose"]
