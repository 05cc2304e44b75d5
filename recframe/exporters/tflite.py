"""LiteRT (TensorFlow Lite) models: builtin ops only, every variant compared with the trained model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from recframe.contributions import ExporterType
from recframe.hookspecs import hookimpl

if TYPE_CHECKING:
    from recframe.export.context import ExportContext, ExportedFile


@frozen
class TfliteOptions:
    """The variants are chosen by export.variants."""


def export(options: TfliteOptions, context: ExportContext) -> Sequence[ExportedFile]:
    from recframe.export.context import ExportedFile
    from recframe.export.flatbuffer import read_facts, require_builtin
    from recframe.export.lite import ask_lite, convert
    from recframe.export.parity import compare, require_equal

    spec = context.spec
    encoders = ", ".join(f"{name}: {group.encoder.type}" for name, group in spec.groups.items())
    exported = []
    for place, variant in enumerate(spec.export.variants):
        name = f"tflite/{variant}"
        path = "model.tflite" if place == 0 else f"model_{variant}.tflite"
        content = convert(context.module, variant, name)
        facts = read_facts(content)
        require_builtin(name, facts, encoders)
        (context.folder / path).write_bytes(content)
        figures: dict[str, Any] = compare(context.expected, ask_lite(content), context.histories)
        if variant == "float32":
            require_equal(name, figures, spec.export.parity_tolerance)
        details = {"ops": facts.ops, "types": list(facts.types), "quantization": variant}
        exported.append(ExportedFile(name, path, {**figures, "bytes": len(content)}, details))
    return exported


@hookimpl
def recframe_exporters() -> Iterable[ExporterType]:
    yield ExporterType("tflite", summary="LiteRT model for phones.", options=TfliteOptions, export=export)
