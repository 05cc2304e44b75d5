from __future__ import annotations

import itertools

import numpy as np
import pytest

from recframe.evaluation.intervals import intervals, paired_difference


def test_intervals_are_those_of_drawing_users_one_by_one() -> None:
    rng = np.random.default_rng(0)
    users = np.repeat(np.arange(150), rng.integers(1, 6, 150))
    values = np.stack([rng.random(len(users)) < 0.3, rng.random(len(users))], axis=1).astype(float)
    drawn = []
    for _ in range(4000):
        chosen = rng.integers(0, 150, 150)
        rows = np.concatenate([np.flatnonzero(users == user) for user in chosen])
        drawn.append(values[rows].mean(axis=0))
    wanted = np.percentile(drawn, (2.5, 97.5), axis=0)
    np.testing.assert_allclose(intervals(values, users, seed=1), wanted, atol=0.006)


def test_equal_seeds_give_equal_intervals_and_others_similar_ones() -> None:
    values = (np.random.default_rng(0).random((500, 1)) < 0.2).astype(float)
    once, again, other = (intervals(values, np.arange(500), seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(once, again)
    assert (once != other).any()
    np.testing.assert_allclose(once, other, atol=0.01)


def test_95_percent_of_the_intervals_hold_the_truth() -> None:
    rng = np.random.default_rng(0)
    held = 0
    for seed in range(300):
        low, high = intervals((rng.random((400, 1)) < 0.3).astype(float), np.arange(400), seed)[:, 0]
        held += low <= 0.3 <= high
    assert 0.91 < held / 300 < 0.985


def test_the_interval_of_one_user_or_of_equal_values_has_no_width() -> None:
    np.testing.assert_allclose(intervals(np.array([[0.25]]), np.array([7]), 1)[:, 0], 0.25)
    np.testing.assert_allclose(intervals(np.full((9, 2), 0.5), np.arange(9), 1), 0.5)


def test_p_is_close_to_that_of_all_sets_of_signs() -> None:
    rng = np.random.default_rng(3)
    users = np.array([0, 0, 1, 2, 3, 4, 4, 5, 6, 7, 8, 9])
    one, other = rng.random((2, len(users), 1))
    one += 0.15
    of_user = np.bincount(users, (one - other)[:, 0])
    sums = [abs(np.dot(signs, of_user)) for signs in itertools.product((-1, 1), repeat=10)]
    exact = np.mean(np.array(sums) >= abs(of_user.sum()) - 1e-12)
    difference = paired_difference(one, other, users, seed=1)
    assert difference.p[0] == pytest.approx(exact, abs=0.02)
    assert difference.mean[0] == pytest.approx((one - other).mean())
    assert difference.low[0] < difference.mean[0] < difference.high[0]


def test_a_model_does_not_differ_from_itself() -> None:
    values = np.random.default_rng(0).random((50, 3))
    difference = paired_difference(values, values, np.arange(50), 1)
    assert (difference.mean == 0).all()
    assert (difference.p == 1).all()
    assert (difference.low == 0).all()


def test_chance_is_significant_as_often_as_p_says() -> None:
    rng = np.random.default_rng(0)
    p_values = [
        paired_difference(*(rng.random((2, 200, 1)) < 0.2).astype(float), np.arange(200), seed).p[0]
        for seed in range(200)
    ]
    assert 0.01 < np.mean(np.array(p_values) <= 0.05) < 0.09
