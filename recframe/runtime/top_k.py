"""The k largest of a row of values. Blocks of many rows are ranked by `recframe.evaluation.block_ranking`."""

from __future__ import annotations

import numpy as np


def top_k(values: np.ndarray, k: int) -> np.ndarray:
    """int64 [k]: the places of the k largest of [n] values, largest first and equal ones by rising place.

    If n is at most k, these are all n places.
    """
    places, negative = np.arange(len(values)), -values
    if len(values) > k:
        last = np.partition(negative, k - 1)[k - 1]  # NaN comes last
        places = places if np.isnan(last) else np.flatnonzero(negative <= last)
    order: np.ndarray = places[np.argsort(negative[places], kind="stable")][:k]
    return order
