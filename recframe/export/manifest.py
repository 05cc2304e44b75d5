"""manifest.json: what the bundle holds, and what whoever feeds the model must know."""

from __future__ import annotations

import hashlib
import importlib.metadata
from pathlib import Path
from typing import Any

import numpy as np

from recframe.converter import unstructure
from recframe.data.catalogue import Catalogue, FeatureInfo
from recframe.export.context import ExportContext, ExportedFile
from recframe.export.serving import ANSWER, SCORES
from recframe.export.texts import write_json
from recframe.registry import Registries
from recframe.runtime.files import FORMAT_VERSION
from recframe.specs import MODEL_MAKER, ExperimentSpec


def write_manifest(
    spec: ExperimentSpec,
    registries: Registries,
    catalogue: Catalogue,
    folder: Path,
    context: ExportContext,
    exported: list[ExportedFile],
) -> None:
    """Write it last: it names every other file with its hash."""
    files = {
        path.relative_to(folder).as_posix(): {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "bytes": path.stat().st_size,
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    scopes = {name: group.scope for group in spec.groups.values() for name in group.features}
    inputs = [
        {"name": name, "shape": _shape(tensor), "dtype": tensor.dtype.name}
        | (
            {"role": "feature", **_input_facts(name, catalogue.features[name], scopes[name], spec.model.history_length)}
            if name in catalogue.features
            else _LIST_FACTS | {"role": name.removesuffix("_ids")}
        )
        for name, tensor in context.module.inputs.items()
    ]
    first = next(iter(context.module.inputs.values()))
    before = [] if spec.export.batch == MODEL_MAKER else _shape(first)[:1]
    answer = [*before, spec.model.num_predictions]
    outputs = [
        {"name": "top_prediction_ids", "shape": answer, "dtype": "int32", "vocabulary": "vocab/label.txt"},
        {"name": "top_prediction_scores", "shape": answer, "dtype": "float32"},
    ]
    scores = {"name": "scores", "shape": [*before, len(catalogue.labels)], "dtype": "float32"}
    signatures = {ANSWER: {"outputs": outputs}, SCORES: {"outputs": [scores]}}
    used = {registries.encoders.source(group.encoder.type) for group in spec.groups.values()} | {
        registries.exporters.source(component.type) for component in spec.exporters
    }
    write_json(
        folder / "manifest.json",
        {
            "format_version": FORMAT_VERSION,
            "signature": ANSWER,
            "batch": spec.export.batch,
            "inputs": inputs,
            "outputs": outputs,
            "signatures": {name: signatures[name] for name in context.module.signatures},
            "items": int(np.count_nonzero(catalogue.known)),
            "exclude_history": spec.export.exclude_history,
            "models": [
                {
                    "name": file.name,
                    "path": file.path,
                    "chosen": file.chosen,
                    "parity": dict(file.figures),
                    **file.details,
                }
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


#: What an input that lists label ids says in place of a feature's facts.
_LIST_FACTS: dict[str, Any] = {
    "vocabulary": "vocab/label.txt",
    "source": None,
    "of_event": False,
    "scope": None,
    "values": "one",
    "steps": None,
    "padding": "right",
    "truncation": None,
    "statistics": {},
}


def _shape(tensor: Any) -> list[int]:
    """-1 for any size."""
    return [-1 if size is None else int(size) for size in tensor.shape]


def _input_facts(name: str, feature: FeatureInfo, scope: str, history_length: int) -> dict[str, Any]:
    """What makes an input's values: `recframe.data.features` gathers them so, and `recframe.runtime` too.

    `steps` is how many of the latest events are read; none of a user. `truncation` says which values are cut: of
    events too old for `steps`, or, where their values stand one after another, also the newest beyond the length. Where
    the `values` of a step are pooled, the shape's last number says how many of them are read, the first ones.
    Values `of_event` are not in items.json, though a field of the source's name may be. `statistics` are what
    `recframe.encoding` makes ids and numbers with, beside the vocabulary.
    """
    if scope == "user":
        steps, truncation = None, None
    elif feature.flattened:
        steps, truncation = history_length, "newest"
    else:
        steps, truncation = feature.length, "oldest"
    return {
        "vocabulary": f"vocab/{name}.txt" if feature.vocabulary else None,
        "source": feature.spec.source,
        "of_event": feature.of_event,
        "scope": scope,
        "values": "flattened" if feature.flattened else "one" if feature.values is None else "pooled",
        "steps": steps,
        "padding": "right",
        "truncation": truncation,
        "statistics": dict(feature.statistics),
    }
