"""Estimates how figures vary with the sample of users: 95 % intervals from a bootstrap, and a paired test.

The bootstrap draws users and not targets, since the targets of one user are not independent. Users with the same
figures form a class. The number of draws of each class is multinomial, which is the same as drawing each user. Source:
Efron and Tibshirani, An Introduction to the Bootstrap (1993), percentile intervals; sign-flip test: Smucker, Allan and
Carterette, CIKM 2007.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from attrs import frozen

RESAMPLES, FLIPS = 1_000, 10_000
LOW, HIGH = 2.5, 97.5
#: Draws that are in memory at once.
DRAWS = 4_000_000


def intervals(values: np.ndarray, users: np.ndarray, seed: int) -> np.ndarray:
    """The ends of the intervals of the means, float64 [2, metrics].

    Args:
        values: [targets, metrics].
        users: int [targets]; the user of each target.
    """
    classes, sizes = _classes(values, users)
    rng, share = np.random.default_rng(seed), sizes / sizes.sum()
    totals = [rng.multinomial(sizes.sum(), share, count) @ classes for count in _portions(RESAMPLES, len(sizes))]
    drawn = np.concatenate(totals)
    return np.asarray(np.percentile(drawn[:, 1:] / drawn[:, :1], (LOW, HIGH), axis=0))


@frozen(eq=False)
class Difference:
    """The mean difference of two models on the same targets, its 95 % interval and p-value, float64 [metrics] each."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray


def paired_difference(one: np.ndarray, other: np.ndarray, users: np.ndarray, seed: int) -> Difference:
    """The difference of `one` minus `other`, float64 [targets, metrics] each.

    p is the two-sided p-value of a sign-flip test over users. If the models were equally good, each user's difference
    could as well have the opposite sign. So p is the share of 10,000 random sets of signs, and of the observed one,
    whose mean is at least as far from 0 as the observed mean.
    """
    values = one - other
    low, high = intervals(values, users, seed)
    classes, sizes = _classes(values, users)
    classes, rng = classes[:, 1:], np.random.default_rng((seed, 1))
    observed = np.abs(sizes @ classes)
    farther = np.zeros(len(observed))
    for count in _portions(FLIPS, len(sizes)):
        signs = 2 * rng.binomial(sizes, 0.5, (count, len(sizes))) - sizes
        farther += (np.abs(signs @ classes) >= observed * (1 - 1e-9)).sum(axis=0)
    return Difference(values.mean(axis=0), low, high, (1 + farther) / (1 + FLIPS))


def _classes(values: np.ndarray, users: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number of targets and summed values of a user of each class, float64 [classes, 1 + metrics], and its users."""
    _, user = np.unique(users, return_inverse=True)
    columns = [np.bincount(user), *(np.bincount(user, column) for column in values.T)]
    # Rounded, since sums of the same numbers in another order differ in the last bits.
    profiles, sizes = np.unique(np.round(np.stack(columns, axis=1), 12) + 0.0, axis=0, return_counts=True)
    return profiles, sizes


def _portions(count: int, classes: int) -> Iterator[int]:
    step = max(1, DRAWS // classes)
    return (min(step, count - at) for at in range(0, count, step))
