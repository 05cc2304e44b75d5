"""Exporters that each break one demand of ExporterContract."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs
import numpy as np
import tensorflow as tf

from recframe.export.checks.parity import compare, require_equal
from recframe.plugin.exporting import Answers, ExportContext, ExportedFile
from recframe.plugin.types import ExporterType
from tests.contracts.broken.listing import broken


def ask_the_model(context: ExportContext) -> Callable[[Any], Answers]:
    def ask(inputs: Any) -> Answers:
        answer = context.module.serve(**{name: tf.constant(values) for name, values in inputs.items()})
        return Answers(answer["top_prediction_ids"].numpy(), answer["top_prediction_scores"].numpy())

    return ask


def write(context: ExportContext, name: str, path: str, **details: Any) -> list[ExportedFile]:
    """A model in a format of its own, measured as it should be."""
    figures = compare(context.expected, ask_the_model(context), context.histories)
    require_equal(name, figures, context.spec.export.parity_tolerance)
    (context.folder / path).write_bytes(b"model")
    return [ExportedFile(name, path, figures, details)]


def exporter(name: str, demand: str, export: Callable[[str, ExportContext], Sequence[ExportedFile]]) -> None:
    made = ExporterType(name, summary="Broken.", export=lambda options, context: export(f"{name}/float32", context))
    broken(made, demand)


def absent(name: str, context: ExportContext) -> Sequence[ExportedFile]:
    return [attrs.evolve(file, path="other.bin") for file in write(context, name, "model.bin")]


def empty(name: str, context: ExportContext) -> Sequence[ExportedFile]:
    files = write(context, name, "model.bin")
    (context.folder / "model.bin").write_bytes(b"")
    return files


def beside(name: str, context: ExportContext) -> Sequence[ExportedFile]:
    (context.folder.parent / "notes.txt").write_text("here")
    return write(context, name, "model.bin")


def unmeasured(name: str, context: ExportContext) -> Sequence[ExportedFile]:
    return [attrs.evolve(file, figures={"bytes": 5}) for file in write(context, name, "model.bin")]


def boastful(name: str, context: ExportContext) -> Sequence[ExportedFile]:
    (context.folder / "model.bin").write_bytes(b"model")
    return [ExportedFile(name, "model.bin", {"overlap": 1.0, "max_score_difference": 0.0})]


def another_model(name: str, context: ExportContext) -> Sequence[ExportedFile]:
    class Constant(tf.Module):  # type: ignore[misc]
        @tf.function  # type: ignore[untyped-decorator]
        def serve(self, **features: tf.Tensor) -> dict[str, tf.Tensor]:
            used = sum(tf.reduce_sum(tf.cast(values, tf.float32)) for values in features.values()) * 0
            scores = tf.constant([[5.0, 4.0, 3.0, 2.0, 1.0]]) + used
            return {"top_prediction_ids": tf.constant([[1, 2, 3, 4, 5]]), "top_prediction_scores": scores}

    module, files = Constant(), write(context, name, "unused.bin")
    served = module.serve.get_concrete_function(**context.module.inputs)
    tf.saved_model.save(module, str(context.folder / "saved"), signatures={"serving_default": served})
    return [attrs.evolve(file, path="saved") for file in files]


_runs: list[int] = []


def dated(name: str, context: ExportContext) -> Sequence[ExportedFile]:
    _runs.append(1)
    return write(context, name, f"model_{len(_runs)}.bin")


def failing(name: str, context: ExportContext) -> Sequence[ExportedFile]:
    raise RuntimeError("no room")


def renamed(name: str, context: ExportContext) -> Sequence[ExportedFile]:
    return [attrs.evolve(file, name="model") for file in write(context, name, "model.bin")]


def timed(name: str, context: ExportContext) -> Sequence[ExportedFile]:
    _runs.append(1)
    return [
        attrs.evolve(file, figures={**file.figures, "us": len(_runs)}) for file in write(context, name, "model.bin")
    ]


def stamped(name: str, context: ExportContext) -> Sequence[ExportedFile]:
    _runs.append(1)
    (context.folder / "notes.txt").write_text(f"run {len(_runs)}")
    return write(context, name, "model.bin")


def of_no_run(name: str, context: ExportContext) -> Sequence[ExportedFile]:
    if context.held_out is not None:
        raise RuntimeError("what are these?")
    return write(context, name, "model.bin")


WROTE, AGAIN = "says what it wrote", "runs again with the same files and figures"
exporter("fails", WROTE, failing)
exporter("nothing", WROTE, lambda name, context: None)  # type: ignore[arg-type,return-value]
exporter("paths", WROTE, lambda name, context: [context.folder])  # type: ignore[list-item]
exporter("renamed", "names each file as exporter and variant", renamed)
exporter("of_no_run", "takes a model with test targets", of_no_run)
exporter("timed", AGAIN, timed)
exporter("stamped", AGAIN, stamped)
exporter("absent", WROTE, absent)
exporter("empty", WROTE, empty)
exporter("beside", "writes only below its folder", beside)
exporter(
    "arrays_in_details",
    "figures and details fit the manifest",
    lambda name, context: write(context, name, "model.bin", sizes=np.zeros(2)),
)
exporter("unmeasured", "measures that the answers are those of the model", unmeasured)
exporter("another_model", "the file answers as the model does", another_model)
exporter("boastful", "a model that answers otherwise is noticed", boastful)
exporter("dated", AGAIN, dated)
