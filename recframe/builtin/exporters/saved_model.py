"""Exports a TensorFlow SavedModel with the same signature, for servers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import frozen

from recframe import ExporterType, hookimpl

if TYPE_CHECKING:
    import numpy as np

    from recframe import Answers, ExportContext, ExportedFile


@frozen
class SavedModelOptions:
    """No options."""


def export(options: SavedModelOptions, context: ExportContext) -> Sequence[ExportedFile]:
    import tensorflow as tf

    from recframe import Answers, ExportedFile
    from recframe.export import SCORES, compare, delivered, padded_to, require_equal, require_little_lost, settle

    path = context.folder / "saved_model"
    signatures = {name: context.module.concrete(name) for name in context.module.signatures}
    tf.saved_model.save(context.module, str(path), signatures=signatures)
    settle(path)
    loaded = tf.saved_model.load(str(path))
    serve = loaded.signatures["serving_default"]

    def ask(inputs: Mapping[str, np.ndarray]) -> Answers:
        tensors = {name: padded_to(inputs.get(name), tensor) for name, tensor in context.module.inputs.items()}
        answer = serve(**{name: tf.constant(values) for name, values in tensors.items()})
        return Answers(answer["top_prediction_ids"].numpy(), answer["top_prediction_scores"].numpy())

    def ask_scores(inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        scores: np.ndarray = loaded.signatures[SCORES](**{name: tf.constant(v) for name, v in inputs.items()})[
            SCORES
        ].numpy()
        return scores

    name, scored = "saved_model/float32", SCORES in signatures
    figures = compare(context.expected, ask, context.histories)
    require_equal(name, figures, context.spec.export.parity_tolerance)
    figures |= delivered(context, context.module, ask, ask_scores if scored else None, name)
    require_little_lost(context, figures, name)
    size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return [ExportedFile(name, "saved_model", {**figures, "bytes": size})]


@hookimpl
def recframe_exporters() -> Iterable[ExporterType]:
    yield ExporterType(
        "saved_model", summary="TensorFlow SavedModel for servers.", options=SavedModelOptions, export=export
    )
