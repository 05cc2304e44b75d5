"""Removes what no interpreter reads from a finished model: some kilobytes, which matter in a small model."""

from __future__ import annotations

from recframe.export.litert.flatbuffer.canonical import canonical
from recframe.export.litert.flatbuffer.editing import tidy_buffers
from recframe.export.litert.flatbuffer.packing import pack
from recframe.export.litert.flatbuffer.reading import parse
from recframe.export.litert.flatbuffer.simplify import pass_copies


def slim(content: bytes) -> bytes:
    """The same model in fewer bytes: equal parts once, no operator that only copies, no names of inner tensors.

    The inputs and outputs of signatures keep their names. Messages that name an op by its layer need the original file.
    """
    model = parse(content)
    pass_copies(model)
    signed = {signature.subgraphIndex for signature in model.signatureDefs or []}
    empty = {place for place, buffer in enumerate(model.buffers) if buffer.data is None or len(buffer.data) == 0}
    for number, graph in enumerate(model.subgraphs):
        named = {*map(int, graph.inputs), *map(int, graph.outputs)} if number in signed else set()
        graph.name = None
        for place, tensor in enumerate(graph.tensors):
            if place not in named:
                tensor.name = None
            scales = tensor.quantization.scale if tensor.quantization is not None else None
            if scales is None or len(scales) == 0:
                tensor.quantization = None
            if tensor.buffer in empty:
                tensor.buffer = 0  # which the format keeps empty
    canonical(model)
    tidy_buffers(model)
    return pack(model)
