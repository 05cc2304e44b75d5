"""The exporter `mine`: `recframe 'exporters=[tflite,mine]'`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import recframe
from attrs import frozen


@frozen
class MineOptions:
    """What a user may set."""

    labels: bool = recframe.option(True, help="Whether to write the items' ids beside the model, one a line.")


def export(options: MineOptions, context: recframe.ExportContext) -> Sequence[recframe.ExportedFile]:
    """The model as a LiteRT file in a folder of its own."""
    # Imported here, since it loads TensorFlow.
    from recframe import export as kit

    content = kit.convert(context.module, "float32", "mine/float32")
    model = kit.LiteModel(content)
    # What was written is asked, and must answer as the trained model does: now for inputs of the model, ...
    figures = kit.compare(context.expected, model.ask, context.histories)
    kit.require_equal("mine/float32", figures, context.spec.export.parity_tolerance)
    # ... and then as an app asks, with the raw ids of the test's histories. It ranks all scores, if it can, where items
    # that it leaves out are among the answers.
    scores = model.score if kit.SCORES in context.module.signatures else None
    figures |= kit.delivered(context, context.module, model.ask, scores, "mine/float32")
    kit.require_little_lost(context, figures, "mine/float32")
    folder = context.folder / "mine"
    folder.mkdir()
    (folder / "model.tflite").write_bytes(content)
    if options.labels:
        lines = "".join(f"{label}\n" for label in context.catalogue.labels)
        (folder / "labels.txt").write_text(lines, encoding="utf-8", newline="\n")
    return [recframe.ExportedFile("mine/float32", "mine", {**figures, "bytes": len(content)})]


EXPORTER = recframe.ExporterType("mine", summary="A LiteRT file and its labels.", options=MineOptions, export=export)


@recframe.hookimpl
def recframe_exporters() -> Iterable[recframe.ExporterType]:
    yield EXPORTER
