"""An ONNX model that answers as the trained one does, for recframe: `recframe exporters=[tflite,onnx]`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

import recframe

if TYPE_CHECKING:
    from recframe import ExportContext, ExportedFile

NAME, PATH = "onnx/float32", "model.onnx"


@frozen
class OnnxOptions:
    """The options of `exporters=[{type: onnx}]`."""

    opset: int = recframe.option(
        17, ge=16, le=18, help="Version of ONNX's operators; an old runtime does not know new ones."
    )


def export(options: OnnxOptions, context: ExportContext) -> Sequence[ExportedFile]:
    from recframe import ExportedFile
    from recframe.export import compare, delivered, require_equal, require_little_lost
    from recframe_onnx.needed import require_libraries

    require_libraries()
    from recframe_onnx.conversion import convert
    from recframe_onnx.session import OnnxSession

    encoders = ", ".join(f"{name}: {encoder.type}" for name, encoder in context.spec.encoders.items())
    model = convert(context.module, options.opset, NAME, encoders)
    content, inputs = model.content, context.module.inputs
    session = OnnxSession(content, inputs, NAME)
    figures: dict[str, Any] = compare(context.expected, session.ask, context.histories)
    require_equal(NAME, figures, context.spec.export.parity_tolerance)
    figures |= delivered(context, context.module, session.ask, session.scores if session.has_scores else None, NAME)
    require_little_lost(context, figures, NAME)
    (context.folder / PATH).write_bytes(content)
    details = {"opset": options.opset, "ops": model.ops, "quantization": "float32"}
    return [ExportedFile(NAME, PATH, {**figures, "bytes": len(content)}, details)]


onnx = recframe.ExporterType(
    "onnx", summary="ONNX model for ONNX Runtime, on servers and phones.", options=OnnxOptions, export=export
)


@recframe.hookimpl
def recframe_exporters() -> Iterable[recframe.ExporterType]:
    yield onnx
