"""golden.json: histories as an app has them, the inputs that the model reads, and the answers that it must give."""

from __future__ import annotations

from typing import Any

import numpy as np

from recframe.plugin.exporting import ExportContext, RawHistory
from recframe.spec.experiment import MODEL_MAKER


def golden_entries(context: ExportContext) -> list[dict[str, Any]]:
    """An entry for each call of the model, in the shapes that it takes."""
    golden, batch = context.golden, context.spec.export.batch
    rows, size = len(golden.expected.ids), batch if isinstance(batch, int) else 1
    entries = []
    for first in range(0, rows, size):
        chosen = np.arange(first, first + size) % rows
        inputs = {name: values[chosen].tolist() for name, values in golden.inputs.items()}
        for name, tensor in context.module.inputs.items():
            if name not in inputs:  # an optional list of ids, which is empty here
                inputs[name] = np.zeros((size, tensor.shape[-1]), np.int32).tolist()
        scores = [[float(f"{score:.7g}") for score in row] for row in golden.expected.scores[chosen]]
        outputs = {"top_prediction_ids": golden.expected.ids[chosen].tolist(), "top_prediction_scores": scores}
        if batch == MODEL_MAKER:
            inputs, outputs = ({name: values[0] for name, values in part.items()} for part in (inputs, outputs))
        asked = [_question(golden.questions[row]) for row in chosen.tolist()] if golden.questions else []
        entries.append({"questions": asked, "inputs": inputs, "outputs": outputs})
    return entries


def _question(raw: RawHistory) -> dict[str, Any]:
    """The arguments of `Bundle.recommend`."""
    times = None if raw.timestamps is None else list(raw.timestamps)
    now = {} if raw.now is None else {"now": raw.now}
    return {"history": list(raw.items), "given": dict(raw.values), "timestamps": times, **now}
