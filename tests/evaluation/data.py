"""Small random data: several targets for each user, repeated items, genres, and users with few events."""

from __future__ import annotations

from functools import cache

import numpy as np

import recframe
from recframe.data.prepare import PreparedData, prepare
from recframe.evaluation.scorers import ColumnScorer
from recframe.interactions.interactions import Interactions
from tests.composed import spec_of

GENRES = ["drama", "comedy", "war"]


@cache
def prepared(*overrides: str, seed: int = 0, users: int = 40, items: int = 60, events: int = 900) -> PreparedData:
    """Random data in which every item occurs, so that each has a label."""
    rng = np.random.default_rng(seed)
    genres = np.empty(items, object)
    genres[:] = [[GENRES[i] for i in np.flatnonzero(rng.random(3) < 0.4)] for _ in range(items)]
    user = (users * rng.random(events) ** 2).astype(int)
    item = np.concatenate([np.arange(items), (items * rng.random(events - items) ** 2).astype(int)])
    table = {"id": np.arange(items), "genres": genres, "kind": np.array(["a", "b", ""])[rng.integers(0, 3, items)]}
    data = Interactions.from_columns(user, item, rng.permutation(events) * 3600, table)
    return prepare(spec_of(*overrides), recframe.load_plugins(), data)


def prepared_of(user: np.ndarray, item: np.ndarray, items: int) -> PreparedData:
    """Data with these events, int [events] each, in this order. Every item has a label, even without events."""
    data = Interactions.from_columns(user, item, np.arange(len(user)), {"id": np.arange(items)})
    return prepare(spec_of("encoder=bow"), recframe.load_plugins(), data)


def all_scores(score: ColumnScorer, rows: int, labels: int) -> np.ndarray:
    """All scores at once, float32 [rows, labels]."""
    scores = np.empty((rows, labels), np.float32)
    score(slice(0, labels), scores)
    return scores
