"""Removes Identity nodes, and adds the necessary ones, always at the same place.

If two outputs of a loop's body are one value, the converter makes either of them a copy of the other, at random.
"""

from __future__ import annotations

import onnx
from onnx import helper

from recframe_onnx.graphs import subgraphs


def settle_identities(graph: onnx.GraphProto) -> None:
    """If several outputs are one value, make the first the value and the others copies of it."""
    for node in graph.node:
        for inner in subgraphs(node):
            settle_identities(inner)
    copied = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "Identity"}
    nodes = [onnx.NodeProto.FromString(n.SerializeToString()) for n in graph.node if n.op_type != "Identity"]
    made = {name for node in nodes for name in node.output}
    new_names: dict[str, str] = {}
    copies = []
    for output in graph.output:
        source = _source(output.name, copied)
        if source in made and source not in new_names:
            new_names[source] = output.name
        elif source in made or source != output.name:  # a value that a loop passes through needs no copy
            copies.append((source, output.name))
    for node in nodes:
        _read_sources(node, copied, new_names)
        node.output[:] = [new_names.get(name, name) for name in node.output]
    del graph.node[:]
    graph.node.extend(nodes)
    graph.node.extend(helper.make_node("Identity", [new_names.get(source, source)], [name]) for source, name in copies)


def _source(name: str, copied: dict[str, str]) -> str:
    while name in copied:
        name = copied[name]
    return name


def _read_sources(node: onnx.NodeProto, copied: dict[str, str], new_names: dict[str, str]) -> None:
    def read(name: str) -> str:
        source = _source(name, copied)
        return new_names.get(source, source)

    node.input[:] = [read(name) for name in node.input]
    for inner in subgraphs(node):
        for deeper in inner.node:
            _read_sources(deeper, copied, new_names)
        made = {name for deeper in inner.node for name in deeper.output}
        for output in inner.output:
            # An output that the body makes keeps its name; one from outside is read under its new one.
            if output.name not in made:
                output.name = read(output.name)
