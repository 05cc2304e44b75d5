from __future__ import annotations

import numpy as np
import pytest

from recframe.data.splits import TEST, TRAIN
from recframe.evaluation.segments import popularity_thirds, segment_metrics, segments
from tests.evaluation.data import prepared


def test_thirds_by_hand() -> None:
    # 12 events: the first item has 5 of them, and those up to 4 are the first third.
    assert popularity_thirds(np.array([0, 5, 3, 2, 1, 1, 0])).tolist() == [2, 0, 1, 2, 2, 2, 2]
    assert popularity_thirds(np.array([0, 1, 9])).tolist() == [2, 2, 0]
    assert popularity_thirds(np.zeros(3, int)).tolist() == [0, 0, 0]


@pytest.mark.parametrize("split", ["leave_one_out", "temporal", "random"])
def test_each_target_is_in_one_segment_of_each_kind(split: str) -> None:
    data = prepared(f"split={split}", users=120)
    targets = data.targets(TEST)
    parts_by_kind = segments(data, targets)
    for parts in parts_by_kind.values():
        assert (sum(inside.astype(int) for inside in parts.values()) == 1).all()
    for at, target in enumerate(targets):
        user = data.users[target]
        length = target - data.interactions.offsets[user]
        known = np.count_nonzero((data.users == user) & (data.split.parts == TRAIN))
        bounds = {"1-4": (1, 4), "5-9": (5, 9), "10-19": (10, 19), "20-49": (20, 49), "50+": (50, 10**9)}
        for name, (low, high) in bounds.items():
            assert parts_by_kind["history_length"][name][at] == (low <= length <= high)
        assert parts_by_kind["user"]["cold"][at] == (known == 0)
        assert parts_by_kind["user"]["short"][at] == (1 <= known <= 4)


def test_the_segments_of_a_kind_contain_every_target_once() -> None:
    data = prepared("split=temporal", users=120)
    targets = data.targets(TEST)
    ranks = np.random.default_rng(0).integers(1, 40, len(targets))
    metrics = segment_metrics(data, targets, ranks, (10,))
    assert set(metrics) == {"history_length", "item_popularity", "user"}
    for parts in metrics.values():
        assert sum(figures["targets"] for figures in parts.values()) == len(targets)
        mean = sum(figures["targets"] * figures["recall@10"] for figures in parts.values()) / len(targets)
        np.testing.assert_allclose(mean, (ranks <= 10).mean())
