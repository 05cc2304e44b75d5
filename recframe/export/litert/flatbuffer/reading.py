"""Reads a .tflite file: the ops and types that it needs, and how many bytes its parts take."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from attrs import frozen

from recframe.errors import ExportError

#: Types that need state, or for which a phone's plain runtime has no kernels.
_REFUSED_TYPES = frozenset({"INT64", "FLOAT64", "STRING", "RESOURCE", "VARIANT"})
#: Builtin ops that hold state between calls.
_STATEFUL_OPS = frozenset({"VAR_HANDLE", "READ_VARIABLE", "ASSIGN_VARIABLE", "CALL_ONCE"})
#: Constants with fewer elements stay float32 in every variant, as a smaller format would save little.
SMALL = 1024


@frozen
class ModelFacts:
    """The content of a file.

    Attributes:
        ops: Builtin op names with how often each occurs.
        custom: Names of ops that are not builtin, each with its layer.
        types: Names of the tensor types.
        refused: What a phone cannot run: tensors of a refused type and stateful ops, each with its layer.
        constants: Bytes of all constants, each counted once.
        graph: Bytes of everything else.
    """

    ops: dict[str, int]
    custom: tuple[str, ...]
    types: tuple[str, ...]
    refused: tuple[str, ...]
    constants: int
    graph: int


def parse(content: bytes) -> Any:
    """The file as a tree of the schema's objects."""
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    for _, operator in _operators(model):
        # Read-only arrays, or None where there are none.
        operator.inputs = [] if operator.inputs is None else [int(index) for index in operator.inputs]
        operator.outputs = [] if operator.outputs is None else [int(index) for index in operator.outputs]
    return model


def add_signature(model: Any, key: str, inputs: list[str], outputs: list[str]) -> None:
    """Name the inputs and outputs of the first graph, in its order; tensors get the names that the converter gives."""
    graph, signature = model.subgraphs[0], schema.SignatureDefT()
    signature.signatureKey, signature.subgraphIndex = key.encode(), 0
    signature.inputs = [_tensor_map(*named) for named in zip(inputs, graph.inputs, strict=True)]
    signature.outputs = [_tensor_map(*named) for named in zip(outputs, graph.outputs, strict=True)]
    for name, index in zip(inputs, graph.inputs, strict=True):
        graph.tensors[index].name = f"{key}_{name}:0".encode()
    for name, index in zip(outputs, graph.outputs, strict=True):
        graph.tensors[index].name = name.encode()
    model.signatureDefs = [signature]


def _tensor_map(name: str, index: int) -> Any:
    entry = schema.TensorMapT()
    entry.name, entry.tensorIndex = name.encode(), int(index)
    return entry


def hold_inputs(model: Any, values: Mapping[int, np.ndarray]) -> None:
    """Make constants of some inputs of the first graph, by their places."""
    graph = model.subgraphs[0]
    for place, value in values.items():
        buffer = schema.BufferT()
        buffer.data = value.reshape(-1).view(np.uint8)
        graph.tensors[graph.inputs[place]].buffer = len(model.buffers)
        model.buffers.append(buffer)
    graph.inputs = [index for place, index in enumerate(graph.inputs) if place not in values]


def merge(one: Any, other: Any) -> None:
    """Append the graphs of a second model, with its signatures, to the first."""
    codes, buffers, graphs = len(one.operatorCodes), len(one.buffers), len(one.subgraphs)
    for _, operator in _operators(other):
        operator.opcodeIndex += codes
        for name in ("condSubgraphIndex", "bodySubgraphIndex", "thenSubgraphIndex", "elseSubgraphIndex"):
            if hasattr(operator.builtinOptions, name):
                setattr(operator.builtinOptions, name, getattr(operator.builtinOptions, name) + graphs)
    for graph in other.subgraphs:
        for tensor in graph.tensors:
            tensor.buffer += buffers
    for signature in other.signatureDefs:
        signature.subgraphIndex += graphs
    one.operatorCodes += other.operatorCodes
    one.buffers += other.buffers
    one.subgraphs += other.subgraphs
    one.signatureDefs += other.signatureDefs


@functools.cache
def op_names() -> dict[int, str]:
    """Names of the builtin ops by code."""
    return _names(schema.BuiltinOperator)


@functools.cache
def type_names() -> dict[int, str]:
    """Names of the tensor types by code."""
    return _names(schema.TensorType)


def _names(enum: type) -> dict[int, str]:
    return {value: name for name, value in vars(enum).items() if isinstance(value, int)}


def op_name(model: Any, operator: Any) -> str:
    """Name of an operator's builtin op, or `CUSTOM:name`."""
    code = model.operatorCodes[operator.opcodeIndex]
    if code.customCode:
        return f"CUSTOM:{code.customCode.decode()}"
    # Old files keep the code in the narrow field, new ones in the wide one.
    return op_names()[max(code.builtinCode, code.deprecatedBuiltinCode)]


def constant(model: Any, tensor: Any) -> np.ndarray | None:
    """uint8 bytes of a constant tensor; None for one that is computed."""
    data = model.buffers[tensor.buffer].data
    return None if data is None or len(data) == 0 else np.asarray(data, np.uint8)


def layer_of(tensor: Any) -> str:
    """The layer that made a tensor, as far as the converter has kept its name."""
    name = (tensor.name or b"").decode(errors="replace").split(";")[0]
    return name or "a tensor without a name"


def _operators(model: Any) -> Iterator[tuple[Any, Any]]:
    for graph in model.subgraphs:
        for operator in graph.operators:
            yield graph, operator


def read_facts(content: bytes) -> ModelFacts:
    """Parse a file and list its content."""
    model = parse(content)
    ops: Counter[str] = Counter()
    custom, refused, types = set(), set(), set()
    for graph, operator in _operators(model):
        name = op_name(model, operator)
        layer = layer_of(graph.tensors[operator.outputs[0]]) if len(operator.outputs) else "no output"
        if name.startswith("CUSTOM:"):
            custom.add(f"{name.removeprefix('CUSTOM:')} (at {layer})")
        else:
            ops[name] += 1
        if name in _STATEFUL_OPS:
            refused.add(f"{name} (at {layer})")
    for graph in model.subgraphs:
        for tensor in graph.tensors:
            kind = type_names()[tensor.type]
            types.add(kind)
            if kind in _REFUSED_TYPES:
                refused.add(f"a tensor of type {kind} (at {layer_of(tensor)})")
    constants = sum(len(buffer.data) for buffer in model.buffers if buffer.data is not None)
    return ModelFacts(
        ops=dict(sorted(ops.items())),
        custom=tuple(sorted(custom)),
        types=tuple(sorted(types)),
        refused=tuple(sorted(refused)),
        constants=constants,
        graph=len(content) - constants,
    )


def require_builtin(name: str, facts: ModelFacts, encoders: str) -> None:
    """Raise ExportError for a model that a phone's plain runtime cannot run.

    Args:
        encoders: The groups' encoders with their plugins, which the message tells the user to look at.
    """
    if facts.custom:
        raise ExportError(f"{name} needs {', '.join(facts.custom)}: no builtin ops; look at the encoders ({encoders})")
    if facts.refused:
        raise ExportError(
            f"{name} holds {', '.join(facts.refused)}; a phone runs int32 and float32 without state: look at the "
            f"encoders ({encoders})"
        )
