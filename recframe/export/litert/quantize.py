"""Smaller number formats, written into the finished float32 model.

Weights are stored as float16, int8 or int4 with a scale a row; activations, softmax and top-k stay float32. The schema
asks for 12 bytes of scale and zero point a row. In a table of many rows, such as that of the items, 4 are enough: each
row is divided by its largest value, so that one scale serves the whole table, and an operator multiplies the product or
the looked-up row by the row's factor. A row of width 32 then takes 36 bytes, not 44.

Other ops read float32, such as the one that adds a table of positions to the steps. A DEQUANTIZE makes their tables
float32 again; an interpreter runs it once, before the first answer.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from recframe.export.graph.label_products import LabelProducts
from recframe.export.litert.flatbuffer.constants import Use, find_constants
from recframe.export.litert.flatbuffer.editing import (
    add_buffer,
    add_tensor,
    constant_tensor,
    floats,
    insert_after,
    new_operator,
    new_tensor,
    op_code,
    out_shape,
    place_of,
    shape_tensor,
    tidy_buffers,
)
from recframe.export.litert.flatbuffer.packing import pack
from recframe.export.litert.flatbuffer.reading import SMALL, parse
from recframe.export.litert.rounding import for_products, nearest

#: Tables with at least this many rows get one scale, and a factor for each row.
MANY_ROWS = 256
_BITS = {"int8": 8, "int4": 4}
_SCALE_A_ROW = {"FULLY_CONNECTED": 12}
_OF_4_BITS = {"EMBEDDING_LOOKUP": 4}


def quantized(content: bytes, variant: str, products: LabelProducts | None = None) -> bytes:
    """The model in another number format.

    Args:
        content: A float32 model.
        variant: One of `recframe.spec.experiment.VARIANTS`.
        products: The products for which the table of labels is rounded; None: every weight is rounded to the nearest.
    """
    model = parse(content)
    if variant == "float16":
        _to_float16(model)
    elif variant in _BITS:
        _to_integers(model, _BITS[variant], products)
    tidy_buffers(model)
    return pack(model)


def needed_bytes(shapes: list[tuple[int, ...]], variant: str) -> int:
    """The bytes that parameters of these shapes and their scales need."""
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


def _to_float16(model: Any) -> None:
    large_constants = find_constants(model)
    for buffer, uses in [*large_constants.tables.items(), *large_constants.others.items()]:
        values = floats(model, buffer)
        model.buffers[buffer].data = values.astype(np.float16).view(np.uint8).reshape(-1)
        _read_wide(model, uses, schema.TensorType.FLOAT16)


def _read_wide(model: Any, uses: Sequence[Use], kind: int, quantization: Any = None) -> None:
    """Let operators read a constant of another type through a DEQUANTIZE, one in each graph."""
    done: dict[tuple[int, int], int] = {}
    for use in uses:
        index = use.operator.inputs[use.place]
        if (id(use.graph), index) not in done:
            stored = use.graph.tensors[index]
            wide = copy.copy(stored)
            wide.buffer, wide.name = 0, stored.name + b"/float32"
            stored.type, stored.quantization = kind, quantization
            done[id(use.graph), index] = add_tensor(use.graph, wide)
            operator = new_operator(model, "DEQUANTIZE", [index], [done[id(use.graph), index]])
            use.graph.operators.insert(0, operator)
        use.operator.inputs[use.place] = done[id(use.graph), index]


def _to_integers(model: Any, bits: int, products: LabelProducts | None) -> None:
    large_constants = find_constants(model)
    for buffer, uses in large_constants.others.items():
        values = floats(model, buffer).reshape(1, -1)
        rounded = nearest(values, 127)
        model.buffers[buffer].data = _packed(rounded.codes, 8)
        _read_wide(model, uses, schema.TensorType.INT8, _quantization(rounded.scales))
    for buffer, uses in large_constants.tables.items():
        shape = [int(size) for size in uses[0].tensor.shape]
        values = floats(model, buffer).reshape(shape[0], -1)
        lookups = any(use.kind in ("GATHER", "EMBEDDING_LOOKUP") for use in uses)
        plain = all(_is_plain_product(use) for use in uses if use.kind == "FULLY_CONNECTED")
        many = len(shape) == 2 and plain and (lookups or shape[0] >= MANY_ROWS)
        # The encoder and the dense layers have few weights, and each matters much: they stay int8.
        chosen = bits if many and shape[1] % 2 == 0 else 8
        top = 2 ** (chosen - 1) - 1
        of_labels = products is not None and shape == [products.labels, len(products.moments)]
        if products is not None and of_labels and any(use.kind == "FULLY_CONNECTED" for use in uses):
            rounded = for_products(values, top, products.moments, looked_up=lookups)
        else:
            rounded = nearest(values, top)
        factors = rounded.scales
        model.buffers[buffer].data = _packed(rounded.codes, chosen)
        kind = schema.TensorType.INT8 if chosen == 8 else schema.TensorType.INT4
        row_buffer = add_buffer(model, factors.view(np.uint8)) if many else -1
        seen: set[tuple[int, int]] = set()
        for use in uses:
            index = use.operator.inputs[use.place]
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


def _is_plain_product(use: Use) -> bool:
    """Whether no activation follows the product, so that a factor can."""
    return not use.operator.builtinOptions.fusedActivationFunction


def _packed(codes: np.ndarray, bits: int) -> np.ndarray:
    """uint8 bytes; with 4 bits, two codes a byte, the first in the low half."""
    flat = codes.reshape(-1)
    if bits == 8:
        return np.asarray(flat.view(np.uint8))
    halves = (flat & 15).astype(np.uint8)
    return np.asarray(halves[0::2] | (halves[1::2] << 4))


def _quantization(scales: np.ndarray) -> Any:
    made = schema.QuantizationParametersT()
    made.scale, made.zeroPoint, made.quantizedDimension = scales, np.zeros(len(scales), np.int64), 0
    return made


def _to_hybrid(model: Any, use: Use, one_scale: bool) -> None:
    """Let the operator quantize its float activations itself, around a zero point of their own."""
    use.operator.opcodeIndex = op_code(model, use.kind, None if one_scale else _SCALE_A_ROW.get(use.kind))
    if use.kind == "FULLY_CONNECTED":
        use.operator.builtinOptions.asymmetricQuantizeInputs = True


def _scale_product(model: Any, use: Use, row_buffer: int, factors: np.ndarray) -> None:
    """product + bias -> product x factors + bias."""
    graph, out = use.graph, use.operator.outputs[0]
    if len(use.operator.inputs) > 2 and use.operator.inputs[2] >= 0:
        bias, use.operator.inputs[2] = use.operator.inputs[2], -1
        without = copy.copy(graph.tensors[out])
        without.name, without.buffer = without.name + b"/without_bias", 0
        scaled = add_tensor(graph, without)
        insert_after(graph, use.operator, new_operator(model, "ADD", [scaled, bias], [out], schema.AddOptionsT()))
        out = scaled
    raw = copy.copy(graph.tensors[out])
    raw.name, raw.buffer = raw.name + b"/unscaled", 0
    unscaled = add_tensor(graph, raw)
    use.operator.outputs[0] = unscaled
    row = constant_tensor(graph, row_buffer, [len(factors)], b"row_factors")
    insert_after(graph, use.operator, new_operator(model, "MUL", [unscaled, row], [out], schema.MulOptionsT()))


def _scale_lookup(model: Any, use: Use, row_buffer: int, factors: np.ndarray, bits: int) -> None:
    """gather(table, ids) -> reshape(lookup(table, flat ids) x lookup(factors, flat ids))."""
    graph, operator = use.graph, use.operator
    gathers = use.kind == "GATHER"
    table, ids = (operator.inputs[0], operator.inputs[1]) if gathers else (operator.inputs[1], operator.inputs[0])
    out, width = operator.outputs[0], int(graph.tensors[table].shape[1])
    count = int(np.prod(graph.tensors[ids].shape)) if graph.tensors[ids].shape is not None else 1
    flat = new_tensor(graph, [count], b"flat_ids", schema.TensorType.INT32)
    raw = new_tensor(graph, [count, width], b"unscaled_rows")
    factor = new_tensor(graph, [count, 1], b"their_factors")
    scaled = new_tensor(graph, [count, width], b"rows")
    column = constant_tensor(graph, row_buffer, [len(factors), 1], b"row_factors")
    new = [
        new_operator(model, "RESHAPE", [ids, shape_tensor(model, graph, [-1])], [flat], schema.ReshapeOptionsT()),
        new_operator(model, "EMBEDDING_LOOKUP", [flat, table], [raw]),
        new_operator(model, "EMBEDDING_LOOKUP", [flat, column], [factor]),
        new_operator(model, "MUL", [raw, factor], [scaled], schema.MulOptionsT()),
    ]
    shape = out_shape(graph.tensors[out])
    new.append(
        new_operator(model, "RESHAPE", [scaled, shape_tensor(model, graph, shape)], [out], schema.ReshapeOptionsT())
    )
    if bits == 4:
        new[1].opcodeIndex = op_code(model, "EMBEDDING_LOOKUP", _OF_4_BITS["EMBEDDING_LOOKUP"])
    at = place_of(graph, operator)
    graph.operators[at : at + 1] = new
