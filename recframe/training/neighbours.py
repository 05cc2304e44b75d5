"""Finds similar items by the cosine similarity of their sets of categories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from recframe.data.prepare import PreparedData
from recframe.evaluation.categories import USUAL
from recframe.runtime.encoding import bucket_ids, numbers_of, text_of
from recframe.runtime.top_k import top_k

NEIGHBOURS = 20


def most_similar(sets: list[tuple[int, ...]], old: np.ndarray, new: np.ndarray) -> Iterator[np.ndarray]:
    """For each new item, up to 20 old items that are most similar, best first; none if they share no value.

    The similarity of sets A and B is |A and B| / sqrt(|A| |B|). If two are equal, the lower id comes first.

    Args:
        sets: The values of each label id.
        old, new: int64 label ids, ascending.
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
    similarity = both[labels] / np.sqrt(count * sizes[labels])
    best: np.ndarray = labels[top_k(similarity, NEIGHBOURS)]
    return best


def value_sets(data: PreparedData, category: str | None) -> list[tuple[int, ...]]:
    """The values of each label id as ascending numbers, from the item columns that categorical features read.

    Args:
        category: The column to use if no feature reads one; None for the default of the diversity metric.
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
    """Columns of the item table and their values. Numbers that a feature puts into buckets are replaced by these."""
    items = {name: values for name, values in data.interactions.items.items() if name != "id"}
    # An event column hides an item column of the same name, as in `Interactions.column`.
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
