"""The bundle: written beside, checked, renamed. One that fails a check never appears."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from recframe.contributions import ExporterType
from recframe.converter import unstructure
from recframe.data.prepare import PreparedData
from recframe.errors import ExportError
from recframe.export.context import Answers, ExportContext, ExportedFile
from recframe.export.parity import best_answers, expected_scores
from recframe.export.serving import ServingModule
from recframe.model.dual_encoder import DualEncoder
from recframe.registry import Registries
from recframe.specs import ExperimentSpec

if TYPE_CHECKING:
    from collections.abc import Callable

FORMAT_VERSION = 1


def export_bundle(
    spec: ExperimentSpec,
    registries: Registries,
    data: PreparedData,
    model: DualEncoder,
    scorer: Callable[[Mapping[str, np.ndarray]], np.ndarray],
    histories: Mapping[str, np.ndarray],
    folder: Path,
) -> dict[str, dict[str, Any]]:
    """Export with every exporter of the spec; returns the measured figures by `exporter/variant`.

    Args:
        scorer: The trained model's scores of every label.
        histories: Held-out inputs [histories, length] by feature, on which the exports are compared.

    Raises:
        ExportError: where a check fails; the folder is then as it was before.
    """
    part = folder.with_name(f"{folder.name}.part-{os.getpid()}")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        scores = expected_scores(spec, data, _score_all(scorer, histories, spec.evaluation.batch_size), histories)
        expected = best_answers(scores, spec.model.num_predictions)
        module = ServingModule(spec, data, model)
        context = ExportContext(spec, data, model, module, histories, expected, part)
        exported: list[ExportedFile] = []
        for component in spec.exporters:
            exporter: ExporterType = registries.exporters[component.type]
            exported += exporter.export(component.options, context)
        _write_texts(spec, data, part, histories, expected)
        _write_manifest(spec, registries, data, part, context, exported)
        _put_in_place(part, folder)
    except BaseException:  # Ctrl-C too leaves nothing half-written
        shutil.rmtree(part, ignore_errors=True)
        raise
    return {file.name: dict(file.figures) for file in exported}


def _score_all(scorer: Any, histories: Mapping[str, np.ndarray], batch: int) -> np.ndarray:
    rows = len(next(iter(histories.values())))
    parts = [scorer({n: v[at : at + batch] for n, v in histories.items()}) for at in range(0, rows, batch)]
    return np.concatenate(parts)


def _put_in_place(part: Path, folder: Path) -> None:
    """Swap the finished folder for the one before it, if any."""
    old = folder.with_name(f"{folder.name}.old-{os.getpid()}")
    if folder.exists():
        folder.replace(old)
    try:
        part.replace(folder)
    except OSError:
        if old.exists():
            old.replace(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def _write_texts(
    spec: ExperimentSpec, data: PreparedData, folder: Path, histories: Mapping[str, np.ndarray], expected: Answers
) -> None:
    """Vocabularies, item titles, golden inputs and outputs."""
    (folder / "vocab").mkdir()
    vocabularies = {name: feature.vocabulary for name, feature in data.features.items() if feature.vocabulary}
    for name, vocabulary in {**vocabularies, "label": data.label_vocabulary}.items():
        if bad := next((value for value in vocabulary if "\n" in value or "\r" in value), None):
            raise ExportError(
                f"feature {name!r}: the value {bad!r} holds a line break and cannot stand in vocab/{name}.txt"
            )
        (folder / "vocab" / f"{name}.txt").write_text("".join(f"{value}\n" for value in vocabulary), encoding="utf-8")
    items = data.interactions.items
    shown = [name for name in items if name != "id"]
    if shown:
        rows = data.label_items[1:]
        table = {
            str(label): {name: _plain(items[name][row]) for name in shown} for label, row in enumerate(rows, start=1)
        }
        _write_json(folder / "items.json", table)
    count = min(spec.export.golden_examples, len(expected.ids))
    golden = [
        {
            "inputs": {name: values[i : i + 1].tolist() for name, values in histories.items()},
            "outputs": {
                "top_prediction_ids": expected.ids[i : i + 1].tolist(),
                "top_prediction_scores": [[float(f"{score:.7g}") for score in expected.scores[i]]],
            },
        }
        for i in range(count)
    ]
    _write_json(folder / "golden.json", golden)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def data_hash(data: PreparedData) -> str:
    """sha256 of the interactions and their split."""
    digest = hashlib.sha256()
    for array in (data.interactions.offsets, data.labels, data.interactions.timestamp, data.split.parts):
        digest.update(np.ascontiguousarray(array).tobytes())
    digest.update("\n".join(data.label_vocabulary).encode())
    return digest.hexdigest()


def _write_manifest(
    spec: ExperimentSpec,
    registries: Registries,
    data: PreparedData,
    folder: Path,
    context: ExportContext,
    exported: list[ExportedFile],
) -> None:
    files = {
        path.relative_to(folder).as_posix(): {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "bytes": path.stat().st_size,
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    inputs = [
        {
            "name": name,
            "shape": list(tensor.shape),
            "dtype": tensor.dtype.name,
            "vocabulary": f"vocab/{name}.txt" if data.features[name].vocabulary else None,
            "source": data.features[name].spec.source,
            "padding": "right",
            "truncation": "oldest",
        }
        for name, tensor in context.module.inputs.items()
    ]
    k = spec.model.num_predictions
    used = {registries.encoders.source(group.encoder.type) for group in spec.groups.values()} | {
        registries.exporters.source(component.type) for component in spec.exporters
    }
    _write_json(
        folder / "manifest.json",
        {
            "format_version": FORMAT_VERSION,
            "signature": "serving_default",
            "inputs": inputs,
            "outputs": [
                {"name": "top_prediction_ids", "shape": [1, k], "dtype": "int32", "vocabulary": "vocab/label.txt"},
                {"name": "top_prediction_scores", "shape": [1, k], "dtype": "float32"},
            ],
            "items": data.num_labels - 1,
            "exclude_history": spec.export.exclude_history,
            "models": [
                {"name": file.name, "path": file.path, "parity": dict(file.figures), **file.details}
                for file in exported
            ],
            "files": files,
            "seed": spec.seed,
            "data_sha256": data_hash(data),
            "versions": {
                name: importlib.metadata.version(name) for name in ("tensorflow", "keras", "ai-edge-litert", "numpy")
            },
            "plugins": sorted(str(source) for source in used),
            "spec": unstructure(spec),
        },
    )
