"""Tells whether two runs can be compared: they need the same events, split, test targets and catalogue."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

import numpy as np

from recframe.data.prepare import PreparedData
from recframe.data.splits import TEST


def identity(data: PreparedData) -> dict[str, str]:
    """A hash of everything that must be the same in both runs, by its name in messages."""
    interactions = data.interactions
    return {
        "events": _sha256(
            [interactions.offsets, interactions.item, interactions.timestamp],
            [*interactions.user_ids, *interactions.items["id"]],
        ),
        "splits": _sha256([data.split.parts], ()),
        # By raw id: label ids may differ, as with a vocabulary of another size.
        "test targets": _sha256([data.targets(TEST)], ()),
        "settings of exclude_seen": str(data.exclude_seen),
        "catalogues": _sha256((), sorted(np.array(data.label_vocabulary)[data.known])),
    }


def first_difference(one: Mapping[str, str], other: Mapping[str, str]) -> str:
    """The name of the first difference; empty if there is none."""
    return next((name for name in one if one[name] != other[name]), "")


def _sha256(arrays: Iterable[np.ndarray], texts: Iterable[object]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    digest.update("\n".join(map(str, texts)).encode())
    return digest.hexdigest()
