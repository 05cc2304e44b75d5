"""Adds tensors, buffers and operators to a parsed flatbuffer."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

#: The first version of each op that reads quantized weights. An older runtime refuses it, and so gives no wrong answer.
_VERSIONS = {
    "FULLY_CONNECTED": 9,
    "CONV_2D": 5,
    "EMBEDDING_LOOKUP": 3,
    "MUL": 1,
    "ADD": 1,
    "RESHAPE": 1,
    "DEQUANTIZE": 3,
}


def tidy_buffers(model: Any) -> None:
    """Store equal constants once, and drop buffers that nothing refers to."""
    first: dict[bytes, int] = {}  # by digest: a large table's bytes would be one more copy of it
    same = list(range(len(model.buffers)))
    for index, buffer in enumerate(model.buffers):
        if index and buffer.data is not None and len(buffer.data):
            data = np.ascontiguousarray(buffer.data, np.uint8)
            same[index] = first.setdefault(hashlib.sha256(data.data).digest(), index)
    tensors = [tensor for graph in model.subgraphs for tensor in graph.tensors]
    holders = [*tensors, *(model.metadata or [])]
    # A computed tensor has an empty buffer of its own.
    used = sorted({0} | {same[holder.buffer] for holder in holders})
    place = {old: new for new, old in enumerate(used)}
    for holder in holders:
        holder.buffer = place[same[holder.buffer]]
    model.buffers = [model.buffers[old] for old in used]


def out_shape(tensor: Any) -> list[int]:
    """The shape to restore; -1 for a size that is only known when the model runs."""
    signature = (
        tensor.shapeSignature if tensor.shapeSignature is not None and len(tensor.shapeSignature) else tensor.shape
    )
    return [int(size) for size in signature]


def place_of(graph: Any, operator: Any) -> int:
    return next(place for place, candidate in enumerate(graph.operators) if candidate is operator)


def insert_after(graph: Any, operator: Any, new: Any) -> None:
    graph.operators.insert(place_of(graph, operator) + 1, new)


def floats(model: Any, buffer: int) -> np.ndarray:
    return np.frombuffer(np.asarray(model.buffers[buffer].data, np.uint8).tobytes(), np.float32)


def add_buffer(model: Any, data: np.ndarray) -> int:
    buffer = schema.BufferT()
    buffer.data = data
    model.buffers.append(buffer)
    return len(model.buffers) - 1


def add_tensor(graph: Any, tensor: Any) -> int:
    graph.tensors.append(tensor)
    return len(graph.tensors) - 1


def new_tensor(graph: Any, shape: list[int], name: bytes, kind: int = schema.TensorType.FLOAT32) -> int:
    tensor = schema.TensorT()
    tensor.shape, tensor.type, tensor.buffer, tensor.name = np.array(shape, np.int32), kind, 0, name
    return add_tensor(graph, tensor)


def constant_tensor(graph: Any, buffer: int, shape: list[int], name: bytes) -> int:
    index = new_tensor(graph, shape, name)
    graph.tensors[index].buffer = buffer
    return index


def shape_tensor(model: Any, graph: Any, shape: list[int]) -> int:
    buffer = add_buffer(model, np.array(shape, np.int32).view(np.uint8))
    index = new_tensor(graph, [len(shape)], b"shape", schema.TensorType.INT32)
    graph.tensors[index].buffer = buffer
    return index


def op_code(model: Any, name: str, version: int | None = None) -> int:
    """Index of the op's code, in a version that knows quantized weights."""
    builtin, version = getattr(schema.BuiltinOperator, name), version or _VERSIONS[name]
    for index, code in enumerate(model.operatorCodes):
        if code.builtinCode == builtin and code.version == version and not code.customCode:
            return index
    code = schema.OperatorCodeT()
    code.builtinCode, code.version = builtin, version
    code.deprecatedBuiltinCode = min(builtin, 127)
    model.operatorCodes.append(code)
    return len(model.operatorCodes) - 1


def new_operator(model: Any, name: str, inputs: list[int], outputs: list[int], options: Any = None) -> Any:
    operator = schema.OperatorT()
    operator.opcodeIndex, operator.inputs, operator.outputs = op_code(model, name), list(inputs), list(outputs)
    if options is not None:
        operator.builtinOptions = options
        operator.builtinOptionsType = getattr(schema.BuiltinOptions, type(options).__name__.removesuffix("T"))
    return operator
