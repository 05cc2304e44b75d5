"""One order and one set of names for a graph, so that the same model gives the same bytes.

tf2onnx numbers its names over the life of the process, and its order depends on Python's hashes.
"""

from __future__ import annotations

from collections.abc import Iterator

import onnx

from recframe.export import needed_in_order
from recframe_onnx.graphs import subgraphs
from recframe_onnx.identities import settle_identities


def put_in_order(model: onnx.ModelProto) -> None:
    """Sort the nodes from the outputs back, drop what no output needs, and name all but inputs and outputs anew."""
    graph = model.graph
    graph.name, graph.doc_string, model.doc_string = "recframe", "", ""
    settle_identities(graph)
    _sort(graph)
    fixed = {value.name for value in (*graph.input, *graph.output)}
    _rename(graph, {name: name for name in fixed}, _fresh_names(fixed))


def _sort(graph: onnx.GraphProto) -> None:
    """Put each node after the nodes that it reads; of two nodes in any order, first the one that is needed first."""
    for node in graph.node:
        for inner in subgraphs(node):
            _sort(inner)
    makers = {name: place for place, node in enumerate(graph.node) for name in node.output if name}
    last = [makers[output.name] for output in graph.output if output.name in makers]
    ordered = needed_in_order(
        last, lambda place: [makers[name] for name in _reads(graph.node[place]) if name in makers]
    )
    kept = [onnx.NodeProto.FromString(graph.node[place].SerializeToString()) for place in ordered]
    del graph.node[:]
    graph.node.extend(kept)
    _sort_constants(graph)


def _reads(node: onnx.NodeProto) -> Iterator[str]:
    """The names that a node reads, in order; for a loop also those that its body takes from outside."""
    yield from node.input
    for inner in subgraphs(node):
        yield from _reads_from_outside(inner)


def _reads_from_outside(graph: onnx.GraphProto) -> Iterator[str]:
    own = {value.name for value in graph.input} | {tensor.name for tensor in graph.initializer}
    own |= {name for node in graph.node for name in node.output}
    for node in graph.node:
        yield from (name for name in _reads(node) if name not in own)
    yield from (value.name for value in graph.output if value.name not in own)


def _sort_constants(graph: onnx.GraphProto) -> None:
    names = [name for node in graph.node for name in _reads(node)] + [value.name for value in graph.output]
    first = {name: place for place, name in reversed(list(enumerate(names)))}
    used = sorted((tensor for tensor in graph.initializer if tensor.name in first), key=lambda t: first[t.name])
    kept = [onnx.TensorProto.FromString(tensor.SerializeToString()) for tensor in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    del graph.value_info[:]  # shapes of inner values: a runtime finds them itself


def _fresh_names(taken: set[str]) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        if f"v{number}" not in taken:
            yield f"v{number}"


def _rename(graph: onnx.GraphProto, outer: dict[str, str], fresh: Iterator[str]) -> None:
    names = dict(outer)
    names[""] = ""  # an optional input that is left out

    def name(old: str) -> str:
        if old not in names:
            names[old] = next(fresh)
        return names[old]

    for tensor in graph.initializer:
        tensor.name, tensor.doc_string = name(tensor.name), ""
    for value in graph.input:
        value.name = name(value.name)
    for node in graph.node:
        outputs = [name(old) for old in node.output]
        node.input[:] = [names[old] for old in node.input]
        node.output[:] = outputs
        node.name, node.doc_string = f"{node.op_type}_{next(part for part in outputs if part)}", ""
        for inner in subgraphs(node):
            inner.name = node.name
            _rename(inner, names, fresh)
        attributes = sorted(node.attribute, key=lambda attribute: attribute.name)
        kept = [onnx.AttributeProto.FromString(attribute.SerializeToString()) for attribute in attributes]
        del node.attribute[:]
        node.attribute.extend(kept)
    for value in graph.output:
        value.name = names[value.name]
