"""Reading a .tflite file: which ops and types it needs from the phone."""

from __future__ import annotations

from attrs import frozen

from recframe.errors import ExportError


@frozen
class ModelFacts:
    """Builtin op names with how often each occurs, custom op names, and the names of the tensor types."""

    ops: dict[str, int]
    custom: tuple[str, ...]
    types: tuple[str, ...]


def read_facts(content: bytes) -> ModelFacts:
    """Parse the flatbuffer."""
    from ai_edge_litert import schema_py_generated as schema

    def names(enum: type) -> dict[int, str]:
        return {value: name for name, value in vars(enum).items() if isinstance(value, int)}

    op_names, type_names = names(schema.BuiltinOperator), names(schema.TensorType)
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    ops: dict[str, int] = {}
    custom, types = set(), set()
    for graph in model.subgraphs:
        types |= {type_names[tensor.type] for tensor in graph.tensors}
        for operator in graph.operators:
            code = model.operatorCodes[operator.opcodeIndex]
            if code.customCode:
                custom.add(code.customCode.decode())
            else:
                # Old files keep the code in the narrow field, new ones in the wide one.
                name = op_names[max(code.builtinCode, code.deprecatedBuiltinCode)]
                ops[name] = ops.get(name, 0) + 1
    return ModelFacts(dict(sorted(ops.items())), tuple(sorted(custom)), tuple(sorted(types)))


def require_builtin(name: str, facts: ModelFacts, encoders: str) -> None:
    """Refuse a model that a phone's plain runtime cannot run."""
    if facts.custom:
        raise ExportError(
            f"{name} needs {', '.join(facts.custom)}, which are no builtin ops; look at the encoders ({encoders})"
        )
    if wide := set(facts.types) & {"INT64", "FLOAT64", "STRING", "RESOURCE", "VARIANT"}:
        raise ExportError(
            f"{name} holds tensors of type {', '.join(sorted(wide))}; only int32 and float32 are allowed: "
            f"look at the encoders ({encoders})"
        )
