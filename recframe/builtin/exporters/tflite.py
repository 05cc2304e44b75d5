"""Exports LiteRT (TensorFlow Lite) models with built-in operators, and compares each variant with the trained model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from attrs import frozen

from recframe import ExporterType, hookimpl

if TYPE_CHECKING:
    from recframe import ExportContext, ExportedFile


@frozen
class TfliteOptions:
    """This exporter has no options; export.variants names its variants."""


def export(options: TfliteOptions, context: ExportContext) -> Sequence[ExportedFile]:
    from recframe import ExportedFile
    from recframe.export import candidates, choose, make_variant

    made = [make_variant(context, variant, "tflite") for variant in candidates(context.spec.export)]
    targets = len(context.held_out.targets) if context.held_out is not None else 0
    chosen = choose(made, context.spec.export, targets)
    exported = []
    for made_variant in made:
        if made_variant.refused:
            continue
        path = "model.tflite" if made_variant is chosen else f"model_{made_variant.variant}.tflite"
        (context.folder / path).write_bytes(made_variant.content)
        facts = made_variant.facts
        details = {"ops": facts.ops, "types": list(facts.types), "quantization": made_variant.variant}
        exported.append(
            ExportedFile(
                f"tflite/{made_variant.variant}",
                path,
                made_variant.figures,
                details,
                made_variant.timings,
                made_variant is chosen,
            )
        )
    return exported


@hookimpl
def recframe_exporters() -> Iterable[ExporterType]:
    yield ExporterType("tflite", summary="LiteRT model for phones.", options=TfliteOptions, export=export)
