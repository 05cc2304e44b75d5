"""Recall of an exported model, as a phone would have it: one example at a time, through the signature's names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from recframe.export.lite import ask_lite
from recframe.recommendation.api_errors import ApiValueError
from recframe.recommendation.loader import Loader


def lite_recall(path: Path, loader: Loader, cutoffs: Sequence[int]) -> dict[str, float]:
    """`Global_Recall/Recall_k` by name, over the examples with a label.

    Raises:
        ApiValueError: where the file cannot be read, reads other features, or returns fewer than the largest k.
    """
    try:
        ask = ask_lite(path.read_bytes())
    except (OSError, ValueError, RuntimeError) as error:
        raise ApiValueError(f"{path}: no LiteRT model that can be asked: {str(error).splitlines()[0]}") from None
    rows = np.flatnonzero(loader.labels > 0)
    places = np.full(len(rows), np.iinfo(np.int64).max)
    for place, row in enumerate(rows):
        try:
            ids = ask({name: values[row] for name, values in loader.columns.items()}).ids.reshape(-1)
        except (KeyError, ValueError) as error:
            raise ApiValueError(f"{path}: reads other features than the data has: {error}") from None
        if max(cutoffs) > len(ids):
            raise ApiValueError(f"eval_top_k: {max(cutoffs)} is more than the {len(ids)} ids that {path.name} returns")
        found = np.flatnonzero(ids == loader.labels[row])
        if len(found):
            places[place] = found[0]
    return {f"Global_Recall/Recall_{k}": float((places < k).mean()) for k in cutoffs}
