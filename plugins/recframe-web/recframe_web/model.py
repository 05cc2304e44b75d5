"""The model of the page: the bundle's own model.tflite, if a browser can run it."""

from __future__ import annotations

import attrs
from attrs import frozen

from recframe import ExportContext, ServingGraph
from recframe.export import candidates, checked_model, convert, slim


@frozen(eq=False)
class ServedModel:
    """A flatbuffer of batch 1.

    Attributes:
        variant: Number format of the weights.
        module: What was converted.
    """

    content: bytes
    variant: str
    module: ServingGraph


def served_model(context: ExportContext) -> ServedModel:
    """The model for the page: LiteRT.js takes fixed shapes alone, and a page asks for one person."""
    spec, module = context.spec, context.module
    written = context.folder / "model.tflite"
    if spec.export.batch != 1:
        single = attrs.evolve(spec, export=attrs.evolve(spec.export, batch=1))
        module = module.for_spec(single)
    elif written.is_file():
        content = written.read_bytes()
        for variant in candidates(spec.export):  # the tflite exporter may choose any of them
            if slim(convert(module, variant, f"web/{variant}")) == content:
                return ServedModel(content, variant, module)
    variant = spec.export.variants[0]
    content, _, _ = checked_model(module, variant, f"web/{variant}")
    return ServedModel(content, variant, module)
