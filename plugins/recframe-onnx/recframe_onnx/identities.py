"""Takes out Identity nodes, and puts in those that must be, always at the same place.

Where two outputs of a loop's body are one value, the converter copies it to the one or to the other as it happens.
"""

from __future__ import annotations

import onnx
from onnx import helper

from recframe_onnx.graphs import subgraphs


def settle_identities(graph: onnx.GraphProto) -> None:
    """Of several outputs that are one value, the first is the value and the others are copies."""
    for node in graph.node:
        for inner in subgraphs(node):
            settle_identities(inner)
    copied = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "Identity"}
    nodes = [onnx.NodeProto.FromString(n.SerializeToString()) for n in graph.node if n.op_type != "Identity"]
    made = {name for node in nodes for name in node.output}
    given: dict[str, str] = {}
    copies = []
    for output in graph.output:
        source = _source(output.name, copied)
        if source in made and source not in given:
            given[source] = output.name
        elif source in made or source != output.name:  # what a loop passes through as it came needs no copy
            copies.append((source, output.name))
    for node in nodes:
        _read_sources(node, copied, given)
        node.output[:] = [given.get(name, name) for name in node.output]
    del graph.node[:]
    graph.node.extend(nodes)
    graph.node.extend(helper.make_node("Identity", [given.get(source, source)], [name]) for source, name in copies)


def _source(name: str, copied: dict[str, str]) -> str:
    while name in copied:
        name = copied[name]
    return name


def _read_sources(node: onnx.NodeProto, copied: dict[str, str], given: dict[str, str]) -> None:
    def read(name: str) -> str:
        source = _source(name, copied)
        return given.get(source, source)

    node.input[:] = [read(name) for name in node.input]
    for inner in subgraphs(node):
        for deeper in inner.node:
            _read_sources(deeper, copied, given)
        made = {name for deeper in inner.node for name in deeper.output}
        for output in inner.output:
            # An output that the body makes keeps its name; one from outside is read under its new one.
            if output.name not in made:
                output.name = read(output.name)
