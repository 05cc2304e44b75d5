"""The protocol that recframe and its peers are compared by."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from benchmarks.peers.compare import CONTENDERS, how_to_install, installed
from benchmarks.peers.protocol import TEST, TRAIN, VALIDATION, Curve, Split, best_items, ndcg
from benchmarks.peers.split import prepared_from, split_of
from recframe.data import splits


@pytest.fixture
def split() -> Split:
    parts = np.array([TRAIN, TRAIN, VALIDATION, TEST] * 2)
    return Split(np.repeat([0, 1], 4), np.array([0, 1, 2, 3, 4, 3, 2, 1]), parts, items=5)


def test_a_history_is_all_before_the_target(split: Split) -> None:
    assert [history.tolist() for history in split.histories()] == [[0, 1, 2], [4, 3, 2]]
    assert split.target.tolist() == [3, 1]


def test_a_split_is_read_as_it_was_written(split: Split, tmp_path: Path) -> None:
    split.write(tmp_path / "split.npz")
    again = Split.read(tmp_path / "split.npz")
    assert (again.user.tolist(), again.item.tolist(), again.items) == (split.user.tolist(), split.item.tolist(), 5)


def test_the_best_items_leave_the_history_out(split: Split) -> None:
    lists = best_items(np.tile(np.arange(5.0), (2, 1)), split.histories())
    assert lists[:, :2].tolist() == [[4, 3], [1, 0]]


def test_ndcg_is_the_discount_of_the_place() -> None:
    lists = np.array([[7, 3, 5], [1, 2, 4], [9, 8, 6]])
    assert ndcg(lists, np.array([7, 4, 5])) == pytest.approx((1 + 1 / math.log2(4) + 0) / 3)


def test_a_curve_does_not_count_its_measurements(tmp_path: Path) -> None:
    curve = Curve()

    def slow() -> np.ndarray:
        return np.array([[sum(range(3_000_000))]])

    curve.point(slow)
    curve.point(lambda: np.array([[1]]))
    (first, _, _), (second, _, _) = curve.points
    whole = Curve()
    slow()
    whole.point(lambda: np.array([[1]]))
    assert second - first < whole.points[0][0] / 2


def test_recframe_reads_the_split_as_it_is() -> None:
    split = split_of(["dataset.users=40", "dataset.items=60", "dataset.events_per_user=12"])
    assert split.users == len(np.unique(split.user))
    _, data = prepared_from(split, [])
    assert data.exclude_seen
    targets = data.targets(splits.TEST)
    assert data.label_items[data.labels[targets]].tolist() == split.target.tolist()
    assert len(data.targets(splits.TRAIN)) == np.count_nonzero(split.part == TRAIN) - split.users


def test_a_missing_peer_is_named_with_its_command() -> None:
    assert not installed("no-such-python", "implicit")
    for package in {contender.package for contender in CONTENDERS} - {""}:
        assert f"`pip install '{package}" in how_to_install(package)
