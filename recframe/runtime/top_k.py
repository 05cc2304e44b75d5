"""The k largest of a row of values. Blocks of many rows are ranked by `recframe.evaluation.block_ranking`."""

from __future__ import annotations

import numpy as np


def top_k(values: np.ndarray, k: int) -> np.ndarray:
    """int64 [k]: the places of the k largest of [n] values, largest first and equal ones by rising place.

    All n places where n is at most k.
    """
    if len(values) <= k:
        places = np.arange(len(values))
    else:
        places = np.flatnonzero(values >= np.partition(values, -k)[-k])
    order: np.ndarray = places[np.argsort(-values[places], kind="stable")][:k]
    return order
