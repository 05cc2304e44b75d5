"""The bundle's texts for people and programs: vocabularies, items, golden inputs and outputs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from recframe.data.catalogue import Catalogue
from recframe.errors import ExportError
from recframe.export.context import Answers
from recframe.specs import ExperimentSpec


def write_json(path: Path, value: Any) -> None:
    """Write a value as JSON; NaN and infinities are no JSON and raise ValueError."""
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def write_texts(
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
    # Where some ids have no item, this is where a reader sees which.
    if catalogue.shown or not catalogue.known[1:].all():
        table = {
            str(label): {name: _plain(values[label]) for name, values in catalogue.shown.items()}
            for label in np.flatnonzero(catalogue.known).tolist()
        }
        write_json(folder / "items.json", table)

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
    write_json(folder / "golden.json", golden)


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value
