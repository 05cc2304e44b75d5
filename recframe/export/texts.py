"""The bundle's texts for people and programs: vocabularies, items, golden inputs and outputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from recframe.data.catalogue import Catalogue
from recframe.data.vocabularies import write_lines
from recframe.encoding import number_of
from recframe.errors import DataError, ExportError
from recframe.export.context import ExportContext
from recframe.specs import MODEL_MAKER


def write_json(path: Path, value: Any) -> None:
    """Write a value as JSON; NaN and infinities are no JSON and raise ValueError."""
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def write_texts(context: ExportContext) -> None:
    """Vocabularies, item titles, golden inputs and outputs."""
    catalogue, folder = context.catalogue, context.folder
    (folder / "vocab").mkdir()
    try:
        write_lines(catalogue.labels, catalogue.features, folder / "vocab")
    except DataError as error:
        raise ExportError(str(error)) from None
    if items := item_table(catalogue):
        write_json(folder / "items.json", items)
    write_json(folder / "golden.json", _golden(context))


def item_table(catalogue: Catalogue) -> dict[str, dict[str, Any]]:
    """Display fields by label id as text. Empty where there are none and every id has an item; where some ids have no
    item, this is where a reader sees which.
    """
    if not catalogue.shown and catalogue.known[1:].all():
        return {}
    return {
        str(label): {name: _plain(values[label]) for name, values in catalogue.shown.items()}
        for label in np.flatnonzero(catalogue.known).tolist()
    }


def _golden(context: ExportContext) -> list[dict[str, Any]]:
    """Inputs in the shapes that the model takes, with the outputs that they must give."""
    expected, rows = context.expected, len(context.expected.ids)
    count = min(context.spec.export.golden_examples, rows)
    batch = context.spec.export.batch
    size = batch if isinstance(batch, int) else 1
    entries = []
    for first in range(0, count, size):
        chosen = np.arange(first, first + size) % rows
        inputs = {name: values[chosen].tolist() for name, values in context.histories.items()}
        for name, tensor in context.module.inputs.items():
            if name not in inputs:  # a list of ids that is optional, and empty here
                inputs[name] = np.zeros((size, tensor.shape[-1]), np.int32).tolist()
        scores = [[float(f"{score:.7g}") for score in row] for row in expected.scores[chosen]]
        outputs = {"top_prediction_ids": expected.ids[chosen].tolist(), "top_prediction_scores": scores}
        if batch == MODEL_MAKER:
            inputs, outputs = ({name: values[0] for name, values in given.items()} for given in (inputs, outputs))
        entries.append({"inputs": inputs, "outputs": outputs})
    return entries


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(item) for item in value]
    if isinstance(value, np.floating):
        return number_of(value)  # a narrow float has the digits here that its text has
    return value.item() if isinstance(value, np.generic) else value
