"""Bypasses operators that only pass on their input: each takes bytes, and time in every step of a loop.

A new axis (`x[:, None]`) becomes a reshape and a slice of everything, and gathered rows are reshaped twice.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from recframe.export.litert.flatbuffer.reading import constant, op_name


def pass_copies(model: Any) -> None:
    """Let operators read the input of a slice that keeps everything, and a reshape the input of the reshape before it.

    The bypassed operators stay; `canonical` drops them.
    """
    for graph in model.subgraphs:
        makers: dict[int, tuple[str, Any]] = {}
        for operator in graph.operators:
            kind = op_name(model, operator)
            for place, index in enumerate(operator.inputs):
                while index in makers:
                    before, maker = makers[index]
                    reshaped = before == kind == "RESHAPE" and place == 0
                    if not reshaped and not (before == "STRIDED_SLICE" and _slices_all(model, graph, maker)):
                        break
                    index = maker.inputs[0]
                operator.inputs[place] = index
            makers |= {index: (kind, operator) for index in operator.outputs}


def _slices_all(model: Any, graph: Any, operator: Any) -> bool:
    """Whether a slice keeps every axis whole."""
    options, rank = operator.builtinOptions, len(graph.tensors[operator.inputs[0]].shape)
    strides = constant(model, graph.tensors[operator.inputs[3]])
    whole = 2**rank - 1
    return (
        strides is not None
        and bool((strides.view(np.int32) == 1).all())
        and options.beginMask & options.endMask & whole == whole
        and not (options.ellipsisMask or options.newAxisMask or options.shrinkAxisMask)
    )
