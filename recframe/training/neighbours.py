"""Which items are alike by what the data says of them: the cosine of their sets of values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from recframe.data.prepare import PreparedData
from recframe.evaluation.categories import USUAL
from recframe.runtime.encoding import bucket_ids, numbers_of, text_of
from recframe.runtime.top_k import top_k

NEIGHBOURS = 20


def nearest(sets: list[tuple[int, ...]], old: np.ndarray, new: np.ndarray) -> Iterator[np.ndarray]:
    """For each new item the old items that are most like it, best first, at most 20; none where nothing is shared.

    The likeness of sets A and B is |A and B| / sqrt(|A| |B|). Of equals the lower id goes before.

    Args:
        sets: The values of each label id.
        old, new: int64 label ids, rising.
    """
    sizes = np.array([len(values) for values in sets])
    holders: dict[int, list[int]] = {}
    for label in old.tolist():
        for value in sets[label]:
            holders.setdefault(value, []).append(label)
    lists = {value: np.array(labels) for value, labels in holders.items()}
    rows_of: dict[tuple[int, ...], np.ndarray] = {}  # many items have the same few categories
    for label in new.tolist():
        values = sets[label]
        if values not in rows_of:
            shared = [lists[value] for value in values if value in lists]
            rows_of[values] = _best(shared, len(values), sizes) if shared else np.zeros(0, np.int64)
        yield rows_of[values]


def _best(shared: list[np.ndarray], count: int, sizes: np.ndarray) -> np.ndarray:
    both = np.bincount(np.concatenate(shared))
    labels = np.flatnonzero(both)
    likeness = both[labels] / np.sqrt(count * sizes[labels])
    best: np.ndarray = labels[top_k(likeness, NEIGHBOURS)]
    return best


def value_sets(data: PreparedData, category: str | None) -> list[tuple[int, ...]]:
    """The values of each label id as numbers, rising: of the item columns that categorical features read.

    Args:
        category: The column where no feature reads one; None: the usual one, as evaluation's diversity has it.
    """
    items = data.interactions.items
    numbers: dict[tuple[str, str], int] = {}
    rows: list[set[int]] = [set() for _ in range(data.interactions.num_items)]
    for column, values in _columns(data, category):
        for row, cell in enumerate(values):
            texts: Iterable[Any] = cell if column in data.interactions.lists else (cell,)
            rows[row].update(
                numbers.setdefault((column, text_of(value)), len(numbers)) for value in texts if value not in (None, "")
            )
    assert len(rows) == len(items["id"])
    return [tuple(sorted(rows[row])) if row >= 0 else () for row in data.label_items.tolist()]


def _columns(data: PreparedData, category: str | None) -> Iterator[tuple[str, Any]]:
    """Columns of the item table and their values; of numbers in buckets, the buckets."""
    items = {name: values for name, values in data.interactions.items.items() if name != "id"}
    # A column of the events has the name before one of the items, as in `Interactions.column`.
    declared = {
        feature.spec.source: feature
        for feature in data.features.values()
        if feature.vocabulary is not None
        and feature.spec.source in items
        and feature.spec.source not in data.interactions.events
        and feature.spec.source not in data.interactions.users
    }
    for column, feature in declared.items():
        edges = "edges" in feature.statistics
        yield column, bucket_ids(numbers_of(items[column]), feature.statistics) if edges else items[column]
    usual = category or next((name for name in USUAL if name in items), None)
    if not declared and usual in items:
        yield usual, items[usual]
