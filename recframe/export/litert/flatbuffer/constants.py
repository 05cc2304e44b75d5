"""The large constants of a parsed flatbuffer, and the operators that read them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from attrs import frozen

from recframe.export.litert.flatbuffer.reading import SMALL, constant, layer_of, op_name, parse

#: Where the weights of each op stand among its inputs.
WEIGHTS = {"FULLY_CONNECTED": 1, "CONV_2D": 1, "GATHER": 0, "EMBEDDING_LOOKUP": 1}


@frozen(eq=False)
class Use:
    """An operator that reads a constant."""

    graph: Any
    operator: Any
    kind: str
    place: int

    @property
    def tensor(self) -> Any:
        return self.graph.tensors[self.operator.inputs[self.place]]


@frozen(eq=False)
class Constants:
    """The operators that read each float32 constant of at least SMALL elements, by buffer.

    Attributes:
        tables: For constants that are read as weights alone.
        others: For the other constants. Vectors, such as biases and masks, are in neither.
    """

    tables: Mapping[int, list[Use]]
    others: Mapping[int, list[Use]]


def find_constants(model: Any) -> Constants:
    uses: dict[int, list[Use]] = defaultdict(list)
    others: set[int] = set()
    for graph in model.subgraphs:
        for operator in graph.operators:
            kind = op_name(model, operator)
            for place, index in enumerate(operator.inputs):
                tensor = graph.tensors[index] if index >= 0 else None
                if tensor is None or tensor.type != schema.TensorType.FLOAT32 or constant(model, tensor) is None:
                    continue
                if not _is_large(tensor):
                    continue
                uses[tensor.buffer].append(Use(graph, operator, kind, place))
                if place != WEIGHTS.get(kind) or (kind == "GATHER" and not _by_rows(operator, tensor)):
                    others.add(tensor.buffer)
    return Constants(
        {buffer: readers for buffer, readers in uses.items() if buffer not in others},
        {buffer: readers for buffer, readers in uses.items() if buffer in others},
    )


def _by_rows(operator: Any, tensor: Any) -> bool:
    options = operator.builtinOptions
    return len(tensor.shape) == 2 and not getattr(options, "axis", 0) and not getattr(options, "batchDims", 0)


def float_weights(content: bytes) -> list[str]:
    """The float32 tables of a model, each by its layer and shape."""
    readers = find_constants(parse(content))
    tensors = [use.tensor for uses in [*readers.tables.values(), *readers.others.values()] for use in uses]
    return sorted({f"{layer_of(tensor)} {[int(size) for size in tensor.shape]}" for tensor in tensors})


def largest_constants(content: bytes, count: int = 3) -> str:
    """The largest constants, for messages: each by its layer, its shape and the ops that read it."""
    readers: dict[int, tuple[int, str, set[str]]] = {}
    for tensor, size, op in _reads(parse(content)):
        name = f"{layer_of(tensor)} {[int(size) for size in tensor.shape]}"
        readers.setdefault(tensor.buffer, (size, name, set()))[2].add(op)
    largest = sorted(readers.values(), key=lambda one: (-one[0], one[1]))[:count]
    return ", ".join(f"{name} of {size:,} bytes for {' and '.join(sorted(ops))}" for size, name, ops in largest)


def large_constants(content: bytes) -> list[tuple[int, int]]:
    """The elements and the bytes of each constant that is large, as `_is_large` says."""
    sizes = {
        tensor.buffer: (int(np.prod(tensor.shape)), size)
        for tensor, size, _ in _reads(parse(content))
        if _is_large(tensor)
    }
    return list(sizes.values())


def _is_large(tensor: Any) -> bool:
    """Whether a tensor has at least SMALL elements and is no vector, such as a bias or a mask."""
    return int(np.prod(tensor.shape)) >= SMALL and sum(int(size) > 1 for size in tensor.shape) >= 2


def _reads(model: Any) -> Iterator[tuple[Any, int, str]]:
    """Each constant that an operator reads, its bytes, and the operator's name."""
    for graph in model.subgraphs:
        for operator in graph.operators:
            for index in operator.inputs:
                tensor = graph.tensors[index] if index >= 0 else None
                if tensor is not None and (data := constant(model, tensor)) is not None:
                    yield tensor, len(data), op_name(model, operator)


def commonest_op(content: bytes) -> str:
    """The most frequent op of one layer, for messages: how many there are, and the layer."""
    model = parse(content)
    readers: Counter[tuple[str, str]] = Counter()
    for graph in model.subgraphs:
        for operator in graph.operators:
            name = layer_of(graph.tensors[operator.outputs[0]])
            readers[op_name(model, operator), name.rpartition("/")[0] or name] += 1
    ((op, layer), count), *_ = readers.most_common(1)
    return f"{count:,} {op} (at {layer})"
