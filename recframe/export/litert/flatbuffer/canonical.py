"""One order for the operators and tensors of a graph, so that graphs that compute the same are written the same."""

from __future__ import annotations

from typing import Any

import numpy as np

from recframe.export.graph.topological_order import needed_in_order


def canonical(model: Any) -> None:
    """Give equal operator codes one number; order operators by the outputs that need them, tensors by their first use.

    Operators that no output needs are dropped: a graph for phones has no state that they could change.
    """
    _share_codes(model)
    for place, graph in enumerate(model.subgraphs):
        graph.operators = _needed(graph)
        signatures = [entry for entry in model.signatureDefs or [] if entry.subgraphIndex == place]
        _renumber(graph, [named for signature in signatures for named in (*signature.inputs, *signature.outputs)])


def _share_codes(model: Any) -> None:
    first: dict[tuple[Any, ...], int] = {}
    codes: list[Any] = []
    new = []
    for code in model.operatorCodes:
        key = (code.builtinCode, code.deprecatedBuiltinCode, code.customCode, code.version)
        if key not in first:
            first[key] = len(codes)
            codes.append(code)
        new.append(first[key])
    model.operatorCodes = codes
    for graph in model.subgraphs:
        for operator in graph.operators:
            operator.opcodeIndex = new[operator.opcodeIndex]


def _needed(graph: Any) -> list[Any]:
    """The operators that the outputs need."""
    makers = {int(index): place for place, entry in enumerate(graph.operators) for index in entry.outputs}

    def reads(place: int) -> list[int]:
        return [makers[index] for index in graph.operators[place].inputs if index in makers]

    last = [makers[int(index)] for index in graph.outputs if int(index) in makers]
    return [graph.operators[place] for place in needed_in_order(last, reads)]


def _renumber(graph: Any, named: list[Any]) -> None:
    met = [index for operator in graph.operators for index in (*operator.inputs, *operator.outputs) if index >= 0]
    # No operator names an input that nothing reads, or an input that is itself an output.
    order = list(dict.fromkeys([*met, *map(int, graph.inputs), *map(int, graph.outputs)]))
    new = {old: place for place, old in enumerate(order)} | {-1: -1}
    graph.tensors = [graph.tensors[old] for old in order]
    graph.inputs, graph.outputs = (
        np.array([new[int(i)] for i in ends], np.int32) for ends in (graph.inputs, graph.outputs)
    )
    for operator in graph.operators:
        operator.inputs = [new[index] for index in operator.inputs]
        operator.outputs = [new[index] for index in operator.outputs]
    for name in named:
        name.tensorIndex = new[int(name.tensorIndex)]
