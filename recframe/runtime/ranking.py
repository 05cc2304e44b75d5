"""The best items of a row of scores, in the order of the model's own top k."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from recframe.runtime.answers import BundleError
from recframe.runtime.top_k import top_k

#: The score of what must not be recommended; half of it is less than any real score.
NEVER = -1e30


def best(scores: np.ndarray, k: int, left_out: Sequence[int], allowed: Sequence[int] | None) -> list[int]:
    """The ids of the k largest scores, largest first, equal ones by rising id; fewer where no more may be recommended.

    Args:
        scores: float32 [labels]; NEVER where there is no item.
        left_out: Ids that may not be recommended; a 0, which is padding, changes nothing.
        allowed: The only ids that may be recommended; None: all.
    """
    scores = scores.copy()
    scores[list(left_out)] = NEVER
    ids = None if allowed is None else np.unique(np.array(allowed, np.int64))
    values = scores if ids is None else scores[ids]
    places = top_k(values, k)
    places = places[values[places] >= NEVER / 2]
    answer: list[int] = (places if ids is None else ids[places]).tolist()
    return answer


def share_kept(expected: Collection[Any], answered: Collection[Any]) -> float:
    """The share of the expected items that the answer has. If no item is expected: 1 for an empty answer, else 0."""
    if not expected:
        return float(not answered)
    return len(set(expected).intersection(answered)) / len(set(expected))


def require_numbers(scores: np.ndarray, model: str) -> None:
    """Raise BundleError where a score is not a finite number: the answer would silently lack its item."""
    if not np.isfinite(scores).all():
        raise BundleError(
            f"{model}: the model's scores are not finite: the given values are far outside those of training"
        )
