"""Stores the label table once.

It is read by row for the history and, transposed, multiplied with the vector of the history. The converter folds that
transposition into a second copy.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import helper, numpy_helper


def hold_tables_once(graph: onnx.GraphProto) -> None:
    """Replace each constant that is another one's transpose by a Transpose of that other one.

    The table that is looked up by row stays, if there is one. ONNX Runtime transposes it once, when it loads the model.
    """
    tables = {
        tensor.name: numpy_helper.to_array(tensor)
        for tensor in graph.initializer
        if len(tensor.dims) == 2 and min(tensor.dims) > 1
    }
    looked_up = {node.input[0] for node in graph.node if node.op_type.startswith("Gather")} & tables.keys()
    for kept in [*sorted(looked_up), *sorted(tables.keys() - looked_up)]:
        for name in sorted(tables.keys() - looked_up - {kept}) if kept in tables else ():
            if _same(tables[kept].T, tables[name]):
                _derive(graph, name, kept)
                del tables[name]


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and one.dtype == other.dtype and bool(np.array_equal(one, other))


def _derive(graph: onnx.GraphProto, name: str, kept: str) -> None:
    place = next(place for place, tensor in enumerate(graph.initializer) if tensor.name == name)
    del graph.initializer[place]
    graph.node.insert(0, helper.make_node("Transpose", [kept], [name], perm=[1, 0]))
