"""Smaller number formats, written into the finished float32 model.

Weights are stored as float16, int8 or int4 with a scale a row; activations, softmax and top-k stay float32. The schema
asks for 12 bytes of scale and zero point a row. Where there are many rows, as in a table of items, the rows are first
divided by their largest value, so that one scale serves the whole table, and the row's own factor, 4 bytes, is
multiplied in again after the product or the lookup: width 32 then takes 36 bytes a row, not 44.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from attrs import frozen

from recframe.export.flatbuffer import SMALL, constant, layer_of, op_name, pack, parse
from recframe.export.rounding import for_products, nearest

#: Tables with at least as many rows get one scale and a factor a row.
MANY_ROWS = 256
#: Where the weights of each op stand among its inputs.
_WEIGHTS = {"FULLY_CONNECTED": 1, "CONV_2D": 1, "GATHER": 0, "EMBEDDING_LOOKUP": 1}
_BITS = {"int8": 8, "int4": 4}
#: The first version of each op that reads such weights, so that an older runtime refuses the file and answers nothing.
_VERSIONS = {
    "FULLY_CONNECTED": 9,
    "CONV_2D": 5,
    "EMBEDDING_LOOKUP": 3,
    "MUL": 1,
    "ADD": 1,
    "RESHAPE": 1,
    "DEQUANTIZE": 3,
}
_SCALE_A_ROW = {"FULLY_CONNECTED": 12}
_OF_4_BITS = {"EMBEDDING_LOOKUP": 4}


@frozen(eq=False)
class Products:
    """The vectors that the table of labels is multiplied with.

    Attributes:
        labels: Rows of the table.
        moments: float64 [width, width], the mean of v v' over the vectors v.
    """

    labels: int
    moments: np.ndarray


def quantized(content: bytes, variant: str, products: Products | None = None) -> bytes:
    """The model in another number format.

    Args:
        content: A float32 model.
        variant: One of `recframe.specs.VARIANTS`.
        products: What the table of labels is rounded for; None: every weight to the nearest.
    """
    model = parse(content)
    if variant == "float16":
        _to_float16(model)
    elif variant in _BITS:
        _to_integers(model, _BITS[variant], products)
    tidy_buffers(model)
    return pack(model)


def float_weights(content: bytes) -> list[str]:
    """The weights and tables of a model that are float32, each by its layer and shape."""
    model = parse(content)
    tensors = [
        use.graph.tensors[use.operator.inputs[_WEIGHTS[use.kind]]]
        for uses in _uses_of_tables(model).values()
        for use in uses
    ]
    return sorted({f"{layer_of(tensor)} {[int(size) for size in tensor.shape]}" for tensor in tensors})


def needed_bytes(shapes: list[tuple[int, ...]], variant: str) -> int:
    """What parameters of these shapes and their scales need, in bytes."""
    total = 0
    for shape in shapes:
        count = int(np.prod(shape, dtype=np.int64))
        if variant == "float32" or len(shape) < 2 or count < SMALL:
            total += 4 * count
        elif variant == "float16":
            total += 2 * count
        elif len(shape) == 2 and shape[0] >= MANY_ROWS:
            total += count * (_BITS[variant] if shape[1] % 2 == 0 else 8) // 8 + 4 * shape[0]
        else:
            total += count + 12 * shape[-1]
    return total


def tidy_buffers(model: Any) -> None:
    """Store equal constants once, and drop what nothing refers to."""
    first: dict[bytes, int] = {}
    same = list(range(len(model.buffers)))
    for index, buffer in enumerate(model.buffers):
        if index and buffer.data is not None and len(buffer.data):
            same[index] = first.setdefault(np.asarray(buffer.data, np.uint8).tobytes(), index)
    tensors = [tensor for graph in model.subgraphs for tensor in graph.tensors]
    holders = [*tensors, *(model.metadata or [])]
    # A tensor that is computed has a buffer of its own, which is empty.
    used = sorted({0} | {same[holder.buffer] for holder in holders})
    place = {old: new for new, old in enumerate(used)}
    for holder in holders:
        holder.buffer = place[same[holder.buffer]]
    model.buffers = [model.buffers[old] for old in used]


@frozen(eq=False)
class _Use:
    """An operator that reads a table."""

    graph: Any
    operator: Any
    kind: str


def _uses_of_tables(model: Any) -> dict[int, list[_Use]]:
    """By buffer: the operators that read a float32 constant of at least SMALL elements as their weights.

    A constant that another op reads too stays as it is.
    """
    uses: dict[int, list[_Use]] = defaultdict(list)
    others: set[int] = set()
    for graph in model.subgraphs:
        for operator in graph.operators:
            kind = op_name(model, operator)
            for place, index in enumerate(operator.inputs):
                tensor = graph.tensors[index] if index >= 0 else None
                if tensor is None or tensor.type != schema.TensorType.FLOAT32 or constant(model, tensor) is None:
                    continue
                if int(np.prod(tensor.shape)) < SMALL or len(tensor.shape) < 2 or tensor.shape[-1] == 1:
                    continue
                if place == _WEIGHTS.get(kind) and (kind != "GATHER" or _by_rows(operator, tensor)):
                    uses[tensor.buffer].append(_Use(graph, operator, kind))
                else:
                    others.add(tensor.buffer)
    return {buffer: found for buffer, found in uses.items() if buffer not in others}


def _by_rows(operator: Any, tensor: Any) -> bool:
    options = operator.builtinOptions
    return len(tensor.shape) == 2 and not getattr(options, "axis", 0) and not getattr(options, "batchDims", 0)


def _to_float16(model: Any) -> None:
    for buffer, uses in _uses_of_tables(model).items():
        values = _floats(model, buffer)
        model.buffers[buffer].data = values.astype(np.float16).view(np.uint8).reshape(-1)
        done: dict[tuple[int, int], int] = {}
        for use in uses:
            place = _WEIGHTS[use.kind]
            index = use.operator.inputs[place]
            if (id(use.graph), index) not in done:
                stored = use.graph.tensors[index]
                wide = copy.copy(stored)
                wide.buffer, wide.name = 0, stored.name + b"/float32"
                stored.type = schema.TensorType.FLOAT16
                done[id(use.graph), index] = _add_tensor(use.graph, wide)
                operator = _operator(model, "DEQUANTIZE", [index], [done[id(use.graph), index]])
                use.graph.operators.insert(0, operator)
            use.operator.inputs[place] = done[id(use.graph), index]


def _to_integers(model: Any, bits: int, products: Products | None) -> None:
    for buffer, uses in _uses_of_tables(model).items():
        tensor = uses[0].graph.tensors[uses[0].operator.inputs[_WEIGHTS[uses[0].kind]]]
        shape = [int(size) for size in tensor.shape]
        values = _floats(model, buffer).reshape(shape[0], -1)
        lookups = any(use.kind in ("GATHER", "EMBEDDING_LOOKUP") for use in uses)
        plain = all(_is_plain_product(use) for use in uses if use.kind == "FULLY_CONNECTED")
        many = len(shape) == 2 and plain and (lookups or shape[0] >= MANY_ROWS)
        # Weights of the encoder and of dense layers are few, and count for much: they stay int8.
        chosen = bits if many and shape[1] % 2 == 0 else 8
        top = 2 ** (chosen - 1) - 1
        factors = _row_scales(values, top)
        of_labels = products is not None and shape == [products.labels, len(products.moments)]
        if products is not None and of_labels and any(use.kind == "FULLY_CONNECTED" for use in uses):
            codes = for_products(values, factors, top, products.moments)
        else:
            codes = nearest(values, factors, top)
        model.buffers[buffer].data = _packed(codes, chosen)
        kind = schema.TensorType.INT8 if chosen == 8 else schema.TensorType.INT4
        row_buffer = _add_buffer(model, factors.view(np.uint8)) if many else -1
        seen: set[tuple[int, int]] = set()
        for use in uses:
            index = use.operator.inputs[_WEIGHTS[use.kind]]
            if (id(use.graph), index) not in seen:
                seen.add((id(use.graph), index))
                table = use.graph.tensors[index]
                table.type = kind
                table.quantization = _quantization(np.ones(1, np.float32) if many else factors)
            if use.kind in ("FULLY_CONNECTED", "CONV_2D"):
                _to_hybrid(model, use, many)
            if many and use.kind == "FULLY_CONNECTED":
                _scale_product(model, use, row_buffer, factors)
            elif many:
                _scale_lookup(model, use, row_buffer, factors, chosen)


def _is_plain_product(use: _Use) -> bool:
    """Without activation, so that a factor can follow."""
    return not use.operator.builtinOptions.fusedActivationFunction


def _row_scales(values: np.ndarray, top: int) -> np.ndarray:
    """float32 [rows]: what one step of the integers is worth in each row; with the least squared error for few bits."""
    largest = np.abs(values).max(axis=1)
    largest[largest == 0] = 1.0
    best = largest / top
    if top > 7:
        return np.asarray(best, np.float32)
    error = np.full(len(values), np.inf)
    for share in np.linspace(0.6, 1.0, 17):
        scale = largest * share / top
        codes = np.clip(np.round(values / scale[:, None]), -top, top)
        found = ((codes * scale[:, None] - values) ** 2).sum(axis=1)
        best, error = np.where(found < error, scale, best), np.minimum(error, found)
    return np.asarray(best, np.float32)


def _packed(codes: np.ndarray, bits: int) -> np.ndarray:
    """uint8 bytes; of 4 bits, two codes a byte, the first in the low half."""
    flat = codes.reshape(-1)
    if bits == 8:
        return np.asarray(flat.view(np.uint8))
    halves = (flat & 15).astype(np.uint8)
    return np.asarray(halves[0::2] | (halves[1::2] << 4))


def _quantization(scales: np.ndarray) -> Any:
    made = schema.QuantizationParametersT()
    made.scale, made.zeroPoint, made.quantizedDimension = scales, np.zeros(len(scales), np.int64), 0
    return made


def _to_hybrid(model: Any, use: _Use, one_scale: bool) -> None:
    """Float activations are quantized when they meet the weights, around a zero point of their own."""
    use.operator.opcodeIndex = _code(model, use.kind, None if one_scale else _SCALE_A_ROW.get(use.kind))
    if use.kind == "FULLY_CONNECTED":
        use.operator.builtinOptions.asymmetricQuantizeInputs = True


def _scale_product(model: Any, use: _Use, row_buffer: int, factors: np.ndarray) -> None:
    """product + bias -> product x factors + bias."""
    graph, out = use.graph, use.operator.outputs[0]
    if len(use.operator.inputs) > 2 and use.operator.inputs[2] >= 0:
        bias, use.operator.inputs[2] = use.operator.inputs[2], -1
        without = copy.copy(graph.tensors[out])
        without.name, without.buffer = without.name + b"/without_bias", 0
        scaled = _add_tensor(graph, without)
        _after(graph, use.operator, _operator(model, "ADD", [scaled, bias], [out], schema.AddOptionsT()))
        out = scaled
    raw = copy.copy(graph.tensors[out])
    raw.name, raw.buffer = raw.name + b"/unscaled", 0
    unscaled = _add_tensor(graph, raw)
    use.operator.outputs[0] = unscaled
    row = _constant_tensor(graph, row_buffer, [len(factors)], b"row_factors")
    _after(graph, use.operator, _operator(model, "MUL", [unscaled, row], [out], schema.MulOptionsT()))


def _scale_lookup(model: Any, use: _Use, row_buffer: int, factors: np.ndarray, bits: int) -> None:
    """gather(table, ids) -> reshape(lookup(table, flat ids) x lookup(factors, flat ids))."""
    graph, operator = use.graph, use.operator
    gathers = use.kind == "GATHER"
    table, ids = (operator.inputs[0], operator.inputs[1]) if gathers else (operator.inputs[1], operator.inputs[0])
    out, width = operator.outputs[0], int(graph.tensors[table].shape[1])
    count = int(np.prod(graph.tensors[ids].shape)) if graph.tensors[ids].shape is not None else 1
    flat = _float_tensor(graph, [count], b"flat_ids", schema.TensorType.INT32)
    raw = _float_tensor(graph, [count, width], b"unscaled_rows")
    factor = _float_tensor(graph, [count, 1], b"their_factors")
    scaled = _float_tensor(graph, [count, width], b"rows")
    column = _constant_tensor(graph, row_buffer, [len(factors), 1], b"row_factors")
    new = [
        _operator(model, "RESHAPE", [ids, _shape(model, graph, [-1])], [flat], schema.ReshapeOptionsT()),
        _operator(model, "EMBEDDING_LOOKUP", [flat, table], [raw]),
        _operator(model, "EMBEDDING_LOOKUP", [flat, column], [factor]),
        _operator(model, "MUL", [raw, factor], [scaled], schema.MulOptionsT()),
    ]
    shape = _out_shape(graph.tensors[out])
    new.append(_operator(model, "RESHAPE", [scaled, _shape(model, graph, shape)], [out], schema.ReshapeOptionsT()))
    if bits == 4:
        new[1].opcodeIndex = _code(model, "EMBEDDING_LOOKUP", _OF_4_BITS["EMBEDDING_LOOKUP"])
    at = _place_of(graph, operator)
    graph.operators[at : at + 1] = new


def _out_shape(tensor: Any) -> list[int]:
    """The shape to restore, -1 for the one size that is not known beforehand."""
    given = tensor.shapeSignature if tensor.shapeSignature is not None and len(tensor.shapeSignature) else tensor.shape
    return [int(size) for size in given]


def _place_of(graph: Any, operator: Any) -> int:
    return next(place for place, found in enumerate(graph.operators) if found is operator)


def _after(graph: Any, operator: Any, new: Any) -> None:
    graph.operators.insert(_place_of(graph, operator) + 1, new)


def _floats(model: Any, buffer: int) -> np.ndarray:
    return np.frombuffer(np.asarray(model.buffers[buffer].data, np.uint8).tobytes(), np.float32)


def _add_buffer(model: Any, data: np.ndarray) -> int:
    buffer = schema.BufferT()
    buffer.data = data
    model.buffers.append(buffer)
    return len(model.buffers) - 1


def _add_tensor(graph: Any, tensor: Any) -> int:
    graph.tensors.append(tensor)
    return len(graph.tensors) - 1


def _float_tensor(graph: Any, shape: list[int], name: bytes, kind: int = schema.TensorType.FLOAT32) -> int:
    tensor = schema.TensorT()
    tensor.shape, tensor.type, tensor.buffer, tensor.name = np.array(shape, np.int32), kind, 0, name
    return _add_tensor(graph, tensor)


def _constant_tensor(graph: Any, buffer: int, shape: list[int], name: bytes) -> int:
    index = _float_tensor(graph, shape, name)
    graph.tensors[index].buffer = buffer
    return index


def _shape(model: Any, graph: Any, shape: list[int]) -> int:
    buffer = _add_buffer(model, np.array(shape, np.int32).view(np.uint8))
    index = _float_tensor(graph, [len(shape)], b"shape", schema.TensorType.INT32)
    graph.tensors[index].buffer = buffer
    return index


def _code(model: Any, name: str, version: int | None = None) -> int:
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


def _operator(model: Any, name: str, inputs: list[int], outputs: list[int], options: Any = None) -> Any:
    operator = schema.OperatorT()
    operator.opcodeIndex, operator.inputs, operator.outputs = _code(model, name), list(inputs), list(outputs)
    if options is not None:
        operator.builtinOptions = options
        operator.builtinOptionsType = getattr(schema.BuiltinOptions, type(options).__name__.removesuffix("T"))
    return operator
