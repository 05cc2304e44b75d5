"""Exact translations of operators that tf2onnx translates less exactly. Each changes a node of a graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from onnx import TensorProto, helper


def select(graph: Any, node: Any, name: str, arguments: Any) -> None:
    """SelectV2 is Where. tf2onnx multiplies by 0 and 1, so that an infinity which is not chosen makes a NaN."""
    node.type = "Where"


def scatter(graph: Any, node: Any, name: str, arguments: Any) -> None:
    """ScatterNd is ScatterND into zeros, where an index that occurs twice adds up. tf2onnx keeps the last alone."""
    indices, updates, shape = node.input
    dtype = graph.get_dtype(updates)
    zero = helper.make_tensor("value", dtype, dims=[1], vals=[0])
    shape = graph.make_node("Cast", [shape], attr={"to": TensorProto.INT64}).output[0]
    indices = graph.make_node("Cast", [indices], attr={"to": TensorProto.INT64}).output[0]
    zeros = graph.make_node(
        "ConstantOfShape", [shape], attr={"value": zero}, shapes=node.output_shapes, dtypes=[dtype]
    ).output[0]
    node.type = "ScatterND"
    node.set_attr("reduction", "add")
    graph.replace_inputs(node, [zeros, indices, updates])


#: By TensorFlow operator, as tf2onnx takes them: a function and the arguments that it is given.
TRANSLATIONS: Mapping[str, tuple[Callable[[Any, Any, str, Any], None], list[Any]]] = {
    "SelectV2": (select, []),
    "ScatterNd": (scatter, []),
}
