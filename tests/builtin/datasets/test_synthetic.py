"""The made-up data: the sizes asked for, the same for a seed, and learnable in the way that it claims."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from recframe.builtin.datasets.synthetic.dataset import START, YEAR, SyntheticOptions, load, recframe_datasets
from recframe.errors import DataError, SpecError
from recframe.interactions.interactions import Interactions
from recframe.plugin.types import DatasetContext

MASKED = -1e9


def make(run_seed: int = 1, **options: object) -> Interactions:
    return load(SyntheticOptions(**options), DatasetContext(seed=run_seed, cache=Path("unused")))


def test_contribution_and_ranges() -> None:
    (dataset,) = recframe_datasets()
    assert dataset.name == "synthetic"
    for wrong in ({"users": 0}, {"items": 1}, {"noise": 1.1}, {"drift": -0.1}, {"sequence": float("nan")}):
        with pytest.raises(SpecError):
            SyntheticOptions(**wrong)


def test_item_table() -> None:
    data = make(users=50, items=4500)  # more than there are pairs of words
    assert data.items["id"].tolist() == list(range(1, 4501))
    assert len(set(data.items["title"].tolist())) == 4500
    assert data.items["title"].dtype.kind == data.items["genre"].dtype.kind == "U"
    assert all(t.endswith(f"({y})") for t, y in zip(data.items["title"], data.items["year"], strict=True))
    assert all(g[0] == first for g, first in zip(data.items["genres"], data.items["genre"], strict=True))
    assert len(set(data.items["genre"].tolist())) == 12
    assert data.items["id"].dtype == data.items["year"].dtype == np.int64


def test_events() -> None:
    data = make()
    assert data.num_users == 2000
    assert data.num_events / data.num_users == pytest.approx(60, rel=0.1)
    rating = data.events["rating"]
    assert rating.dtype == np.float32
    assert set((rating * 2).tolist()) <= set(range(1, 11))
    assert data.timestamp.min() >= START
    assert data.timestamp.max() < START + 2 * YEAR
    pairs = data.user_of_event().astype(np.int64) * data.num_items + data.item
    assert len(np.unique(pairs)) > 0.98 * data.num_events  # few items are seen twice


@settings(max_examples=30, deadline=None)
@given(
    users=st.integers(1, 30), items=st.integers(2, 40), events_per_user=st.integers(1, 30), genres=st.integers(1, 30),
    successors=st.integers(1, 12), drift=st.floats(0, 1), noise=st.floats(0, 1), sequence=st.floats(0, 1),
    popularity_skew=st.floats(0, 3), seed=st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_any_size_is_valid_and_repeatable(**options: object) -> None:
    data, again = make(**options), make(run_seed=2, **options)  # the option wins over the run's seed
    assert (data.num_users, data.num_items) == (options["users"], options["items"])
    assert (np.diff(data.timestamp)[np.diff(data.user_of_event()) == 0] > 0).all()
    assert data.item.min() >= 0
    assert data.item.max() < data.num_items
    for name in ("offsets", "item", "timestamp"):
        np.testing.assert_array_equal(getattr(data, name), getattr(again, name))
    np.testing.assert_array_equal(data.events["rating"], again.events["rating"])
    assert data.items["title"].tolist() == again.items["title"].tolist()


def test_seeds_differ() -> None:
    assert not np.array_equal(make(run_seed=1).item[:1000], make(run_seed=2).item[:1000])


def recall_at_10(data: Interactions) -> dict[str, float]:
    """Leave-one-out recall of three counting models, with the items already seen left out."""
    size, user, last = data.num_items, data.user_of_event(), data.offsets[1:] - 1
    train = np.ones(data.num_events, bool)
    train[last] = False
    popularity = np.bincount(data.item[train], minlength=size)
    following, near = np.zeros((size, size)), np.zeros((size, size))
    for lag in range(1, 6):
        row = np.flatnonzero((user[:-lag] == user[lag:]) & train[lag:])
        a, b = data.item[row], data.item[row + lag]
        if lag == 1:
            np.add.at(following, (a, b), 1)
        np.add.at(near, (a, b), 1)  # both ways: the order is not used
        np.add.at(near, (b, a), 1)
    near /= np.sqrt(np.outer(popularity + 5, popularity + 5))
    users = np.flatnonzero(np.diff(data.offsets) >= 3)
    hits = dict.fromkeys(("popularity", "markov", "bag"), 0)
    for u in users:
        history, target = data.item[data.offsets[u] : last[u]], data.item[last[u]]
        for name, scores in (
            ("popularity", popularity.astype(float)),
            ("markov", following[history[-1]] + 1e-6 * popularity),
            ("bag", near[history[-20:]].sum(0)),
        ):
            scores[history] = MASKED
            rank = np.count_nonzero(scores >= scores[target]) - 1
            hits[name] += int(rank < 10 and scores[target] > MASKED)
    return {name: count / len(users) for name, count in hits.items()}


def test_sequence_and_recent_items_beat_popularity() -> None:
    recall = recall_at_10(make())
    print({name: round(value, 3) for name, value in recall.items()})
    assert recall["markov"] >= 4 * recall["popularity"]
    assert recall["bag"] >= 2.5 * recall["popularity"]


def test_noise_alone_cannot_be_learned() -> None:
    recall = recall_at_10(make(noise=1.0))
    assert recall["markov"] < 1.5 * recall["popularity"]


def test_a_large_set() -> None:
    data = make(users=6040, items=3416, events_per_user=165)
    assert data.num_events > 900_000


def test_more_events_than_memory_holds_are_refused_before_they_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recframe.builtin.datasets.synthetic.dataset.free_memory", lambda: 10**9)
    (kind,) = recframe_datasets()
    kind.check(kind.options())
    with pytest.raises(DataError, match=r"40\.0 GB of memory, but 1\.0 GB are free"):
        kind.check(kind.options(users=10_000_000, events_per_user=100))
