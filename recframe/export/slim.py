"""A finished model without what no interpreter reads: some kilobytes, which count beside small tables."""

from __future__ import annotations

from recframe.export.flatbuffer import pack, parse
from recframe.export.graph_edit import tidy_buffers


def slim(content: bytes) -> bytes:
    """The model without the names of inner tensors, descriptions of nothing, and a buffer for each computed tensor.

    Inputs and outputs keep their names. What is to be told of an op by its layer is told before.
    """
    model = parse(content)
    empty = {place for place, buffer in enumerate(model.buffers) if buffer.data is None or len(buffer.data) == 0}
    for graph in model.subgraphs:
        named = {*map(int, graph.inputs), *map(int, graph.outputs)}
        for place, tensor in enumerate(graph.tensors):
            if place not in named:
                tensor.name = None
            scales = tensor.quantization.scale if tensor.quantization is not None else None
            if scales is None or len(scales) == 0:
                tensor.quantization = None
            if tensor.buffer in empty:
                tensor.buffer = 0  # which the format keeps empty
    tidy_buffers(model)
    return pack(model)
