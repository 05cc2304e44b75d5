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
from recframe.data.catalogue import Catalogue
from recframe.errors import ExportError
from recframe.export.context import Answers, ExportContext, ExportedFile
from recframe.export.parity import expected_answers
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
    catalogue: Catalogue,
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
    _remove_leftovers(folder)
    part.mkdir(parents=True)
    try:
        scores = _score_all(scorer, histories, spec.evaluation.batch_size)
        expected = expected_answers(spec, catalogue, scores, histories)
        module = ServingModule(spec, catalogue, model)
        context = ExportContext(spec, catalogue, model, module, histories, expected, part)
        exported: list[ExportedFile] = []
        for component in spec.exporters:
            exporter: ExporterType = registries.exporters[component.type]
            exported += exporter.export(component.options, context)
        _write_texts(spec, catalogue, part, histories, expected)
        _write_manifest(spec, registries, catalogue, part, context, exported)
        _put_in_place(part, folder)
    except BaseException:  # Ctrl-C too leaves nothing half-written
        shutil.rmtree(part, ignore_errors=True)
        raise
    return {file.name: dict(file.figures) for file in exported}


def _remove_leftovers(folder: Path) -> None:
    """Take away what an export that was killed outright has left beside the folder. One that runs keeps its own."""
    for found in (*folder.parent.glob(f"{folder.name}.old-*"), *folder.parent.glob(f"{folder.name}.part-*")):
        pid = found.name.rpartition("-")[2]
        if not pid.isdecimal() or (int(pid) != os.getpid() and _runs(int(pid))):
            continue
        if ".old-" in found.name and not folder.exists():
            found.replace(folder)  # killed in the middle of the swap
        else:
            shutil.rmtree(found, ignore_errors=True)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)  # no signal: only asks
    except PermissionError:
        return True
    except OSError:
        return False
    return True


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
    spec: ExperimentSpec, catalogue: Catalogue, folder: Path, histories: Mapping[str, np.ndarray], expected: Answers
) -> None:
    """Vocabularies, item titles, golden inputs and outputs."""
    (folder / "vocab").mkdir()
    vocabularies = {name: feature.vocabulary for name, feature in catalogue.features.items() if feature.vocabulary}
    for name, vocabulary in {**vocabularies, "label": catalogue.labels}.items():
        if bad := next((value for value in vocabulary if "\n" in value or "\r" in value), None):
            raise ExportError(
                f"feature {name!r}: the value {bad!r} holds a line break and cannot stand in vocab/{name}.txt"
            )
        (folder / "vocab" / f"{name}.txt").write_text("".join(f"{value}\n" for value in vocabulary), encoding="utf-8")
    if catalogue.shown:
        table = {
            str(label): {name: _plain(values[label]) for name, values in catalogue.shown.items()}
            for label in np.flatnonzero(catalogue.known).tolist()
        }
        _write_json(folder / "items.json", table)

    def one(values: list[Any]) -> list[Any]:
        """With the batch dimension that the model has."""
        return [values] if spec.export.batch == 1 else values

    count = min(spec.export.golden_examples, len(expected.ids))
    golden = [
        {
            "inputs": {name: one(values[i].tolist()) for name, values in histories.items()},
            "outputs": {
                "top_prediction_ids": one(expected.ids[i].tolist()),
                "top_prediction_scores": one([float(f"{score:.7g}") for score in expected.scores[i]]),
            },
        }
        for i in range(count)
    ]
    _write_json(folder / "golden.json", golden)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _write_manifest(
    spec: ExperimentSpec,
    registries: Registries,
    catalogue: Catalogue,
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
            "vocabulary": f"vocab/{name}.txt" if catalogue.features[name].vocabulary else None,
            "source": catalogue.features[name].spec.source,
            "padding": "right",
            "truncation": "oldest",
        }
        for name, tensor in context.module.inputs.items()
    ]
    answer = [1, spec.model.num_predictions][0 if spec.export.batch == 1 else 1 :]
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
                {"name": "top_prediction_ids", "shape": answer, "dtype": "int32", "vocabulary": "vocab/label.txt"},
                {"name": "top_prediction_scores", "shape": answer, "dtype": "float32"},
            ],
            "items": int(np.count_nonzero(catalogue.known)),
            "exclude_history": spec.export.exclude_history,
            "models": [
                {"name": file.name, "path": file.path, "parity": dict(file.figures), **file.details}
                for file in exported
            ],
            "files": files,
            "seed": spec.seed,
            "data_sha256": catalogue.sha256,
            "versions": {
                name: importlib.metadata.version(name) for name in ("tensorflow", "keras", "ai-edge-litert", "numpy")
            },
            "plugins": sorted(str(source) for source in used),
            "spec": unstructure(spec),
        },
    )
