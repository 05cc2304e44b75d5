"""TensorFlow SavedModel with the same signature, for servers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import frozen

from recframe.contributions import ExporterType
from recframe.hookspecs import hookimpl

if TYPE_CHECKING:
    import numpy as np

    from recframe.export.context import Answers, ExportContext, ExportedFile


@frozen
class SavedModelOptions:
    """No options."""


def export(options: SavedModelOptions, context: ExportContext) -> Sequence[ExportedFile]:
    import tensorflow as tf

    from recframe.export.context import Answers, ExportedFile
    from recframe.export.parity import compare, fitted, require_equal
    from recframe.export.settled import settle

    path = context.folder / "saved_model"
    signatures = {name: context.module.concrete(name) for name in context.module.signatures}
    tf.saved_model.save(context.module, str(path), signatures=signatures)
    settle(path)
    serve = tf.saved_model.load(str(path)).signatures["serving_default"]

    def ask(inputs: Mapping[str, np.ndarray]) -> Answers:
        given = {name: fitted(inputs.get(name), tensor) for name, tensor in context.module.inputs.items()}
        answer = serve(**{name: tf.constant(values) for name, values in given.items()})
        return Answers(answer["top_prediction_ids"].numpy(), answer["top_prediction_scores"].numpy())

    figures = compare(context.expected, ask, context.histories)
    require_equal("saved_model", figures, context.spec.export.parity_tolerance)
    size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return [ExportedFile("saved_model/float32", "saved_model", {**figures, "bytes": size})]


@hookimpl
def recframe_exporters() -> Iterable[ExporterType]:
    yield ExporterType(
        "saved_model", summary="TensorFlow SavedModel for servers.", options=SavedModelOptions, export=export
    )
