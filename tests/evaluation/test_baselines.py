"""Each comparator against a plain loop, and on the real data set against figures that other code computed."""

from __future__ import annotations

import os
from collections import Counter
from itertools import pairwise
from pathlib import Path

import attrs
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import recframe
from recframe.data.prepare import PreparedData
from recframe.data.splits import TEST, TRAIN
from recframe.evaluation import baselines, sparse_rows
from recframe.evaluation.baselines import BASELINES
from recframe.evaluation.ranking import rank_targets
from recframe.evaluation.sparse_rows import SparseRows
from recframe.runs.data import load_data
from recframe.spec.experiment import EvaluationSpec
from tests.evaluation.data import all_scores, prepared

SPLITS = ["leave_one_out", "temporal", "random"]


def _training(data: PreparedData) -> list[list[int]]:
    """The labels of each user's training events, in order."""
    of_users = []
    for first, end in pairwise(data.interactions.offsets):
        events = [e for e in range(first, end) if data.split.parts[e] == TRAIN and data.labels[e] > 0]
        of_users.append([int(data.labels[e]) for e in events])
    return of_users


def _history(data: PreparedData, target: int) -> list[int]:
    return data.labels[data.interactions.offsets[data.users[target]] : target].tolist()


def _assert_scores(scores: np.ndarray, wanted: np.ndarray) -> None:
    """Equal scores, except for what popularity adds, which is below any count."""
    np.testing.assert_allclose(scores, wanted, atol=1e-4)


def test_the_spec_accepts_every_comparator() -> None:
    assert attrs.fields(EvaluationSpec).baselines.metadata["choices"] == tuple(BASELINES)


@pytest.mark.parametrize("split", SPLITS)
def test_popularity_counts_training_events_alone(split: str) -> None:
    data = prepared(f"split={split}")
    counted = Counter(label for user in _training(data) for label in user)
    scores = all_scores(baselines.popularity(data)(data.targets(TEST)[:2])(slice(None)), 2, data.num_labels)
    by_score = np.argsort(-scores[0], kind="stable")
    counts = [counted[int(label)] for label in by_score]
    assert counts == sorted(counts, reverse=True)
    assert len(set(scores[0])) == len(set(data.label_counts))  # equal counts stay equal


@pytest.mark.parametrize("split", SPLITS)
def test_recent_popularity_counts_the_last_days_of_training(split: str) -> None:
    data = prepared(f"split={split}")
    training = np.flatnonzero(data.split.parts == TRAIN)
    times = data.interactions.timestamp[training]
    late = Counter(data.labels[training[times > times.max() - 5 * 86_400]].tolist())
    scorer = baselines.recent_popularity(data, EvaluationSpec(recent_days=5.0))(data.targets(TEST))
    scores = all_scores(scorer(slice(0, 1)), 1, data.num_labels)[0]
    order = sorted(range(data.num_labels), key=lambda label: scores[label])
    keys = [(late[label], data.label_counts[label]) for label in order]
    assert 0 < late.total() < len(training)
    assert keys == sorted(keys)


@pytest.mark.parametrize("split", SPLITS)
@given(seed=st.integers(0, 50))
@settings(deadline=None, max_examples=8)
def test_markov_counts_direct_successors(split: str, seed: int) -> None:
    data = prepared(f"split={split}", seed=seed)
    follows = Counter(pair for user in _training(data) for pair in pairwise(user))
    targets = data.targets(TEST)
    wanted = [[follows[_history(data, t)[-1], label] for label in range(data.num_labels)] for t in targets]
    scores = all_scores(baselines.markov(data)(targets)(slice(None)), len(targets), data.num_labels)
    np.testing.assert_array_equal(np.floor(scores), wanted)
    tail = scores - np.floor(scores)
    assert ((tail >= 0) & (tail < 0.5)).all()
    assert (np.diff(tail[0][np.argsort(data.label_counts)]) > -1e-5).all()


@pytest.mark.parametrize("split", SPLITS)
@given(seed=st.integers(0, 50))
@settings(deadline=None, max_examples=8)
def test_cooccurrence_counts_near_events(split: str, seed: int) -> None:
    data = prepared(f"split={split}", seed=seed)
    near: Counter[tuple[int, int]] = Counter()
    for user in _training(data):
        for i, one in enumerate(user):
            for j, other in enumerate(user):
                near[one, other] += 0 < abs(i - j) <= 5 and one != other
    targets = data.targets(TEST)[:10]
    wanted = np.zeros((len(targets), data.num_labels))
    for row, target in enumerate(targets):
        for age, item in enumerate(reversed(_history(data, target)[-10:])):
            for label in range(1, data.num_labels):
                wanted[row, label] += 0.8**age * near[item, label] / np.sqrt(max(data.label_counts[label], 1))
    scores = all_scores(baselines.cooccurrence(data)(targets)(slice(None)), len(targets), data.num_labels)
    _assert_scores(scores, wanted)


@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
@settings(deadline=None)
def test_the_largest_of_each_row_are_kept(seed: int, limit: int) -> None:
    rng = np.random.default_rng(seed)
    pairs = rng.integers(0, 9, (2, 60))
    every = SparseRows.of_pairs(9, [(pairs[0], pairs[1])])
    dense = np.zeros((9, 9), np.float32)
    every.cells(np.arange(9), np.arange(9)).add_to(dense, slice(0, 9), 9)
    counted = np.zeros((9, 9))
    np.add.at(counted, tuple(pairs), 1)
    np.testing.assert_array_equal(dense, counted)
    kept = np.zeros((9, 9), np.float32)
    every.largest(limit).cells(np.arange(9), np.arange(9), weight=2.0).add_to(kept, slice(0, 9), 9)
    for row, all_of_it in zip(kept, counted, strict=True):
        best = sorted(range(9), key=lambda c: (-all_of_it[c], c))[:limit]
        assert row.tolist() == [2 * all_of_it[c] if c in best else 0 for c in range(9)]


@pytest.mark.parametrize("name", BASELINES)
def test_scores_of_some_columns_are_those_of_all(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparse_rows, "BIN", 4)
    data = prepared()
    targets = data.targets(TEST)
    scorer = BASELINES[name](data, EvaluationSpec())(targets)(slice(3, 20))
    whole = all_scores(scorer, 17, data.num_labels)
    for width in (1, 5, 16):
        for at in range(0, data.num_labels, width):
            columns = slice(at, min(at + width, data.num_labels))
            part = np.empty((17, columns.stop - columns.start), np.float32)
            scorer(columns, part)
            np.testing.assert_array_equal(part, whole[:, columns])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "recall", "ndcg"),
    [("popularity", 0.0417, 0.0192), ("markov", 0.0924, 0.0548), ("cooccurrence", 0.1133, 0.0611)],
)
def test_figures_on_the_real_set(name: str, recall: float, ndcg: float) -> None:
    """RECFRAME_TEST_DATA names a folder with ml-latest-small.

    The figures are for events of equal times in the order of the file, which is that of the movie ids.
    """
    folder = Path(os.environ.get("RECFRAME_TEST_DATA", "nowhere")) / "ml-latest-small"
    if not folder.is_dir():
        pytest.skip("RECFRAME_TEST_DATA is not set: the real MovieLens set is not tested")
    columns = ["dataset.columns.user=userId", "dataset.columns.item=movieId", "dataset.ties=file"]
    spec = recframe.compose(["dataset=tabular", f"dataset.path={folder / 'ratings.csv'}", *columns])
    data = load_data(spec, recframe.load_plugins(), lambda note: None)
    scorer = BASELINES[name](data, spec.evaluation)
    metrics = rank_targets(scorer, data, data.targets(TEST), (10,), 512)[True].metrics((10,))
    assert metrics["recall@10"] == pytest.approx(recall, abs=0.0005)
    assert metrics["ndcg@10"] == pytest.approx(ndcg, abs=0.0005)
