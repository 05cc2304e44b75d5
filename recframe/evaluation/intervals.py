"""How far figures would move with other users: 95 % intervals from a bootstrap over users, and a paired test.

Users and not targets are drawn, since the targets of one user are not independent. Users of the same figures are one
class, and how often each class is drawn is multinomial: the same as drawing users, without a draw for each.
Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), percentile intervals; sign-flip test: Smucker,
Allan and Carterette, CIKM 2007.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from attrs import frozen

RESAMPLES, FLIPS = 1_000, 10_000
LOW, HIGH = 2.5, 97.5
#: Draws held at once.
DRAWS = 4_000_000


def intervals(values: np.ndarray, users: np.ndarray, seed: int) -> np.ndarray:
    """float64 [2, metrics]: ends of the intervals of the means of values [targets, metrics], by users int [targets]."""
    classes, sizes = _classes(values, users)
    rng, share = np.random.default_rng(seed), sizes / sizes.sum()
    totals = [rng.multinomial(sizes.sum(), share, count) @ classes for count in _portions(RESAMPLES, len(sizes))]
    drawn = np.concatenate(totals)
    return np.asarray(np.percentile(drawn[:, 1:] / drawn[:, :1], (LOW, HIGH), axis=0))


@frozen(eq=False)
class Difference:
    """Of two models on the same targets, float64 [metrics] each: the mean difference, its 95 % interval, and p."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray


def paired_difference(one: np.ndarray, other: np.ndarray, users: np.ndarray, seed: int) -> Difference:
    """Of `one` less `other`, float64 [targets, metrics]; p is two-sided, from swapping the models user by user.

    Were the models alike, a user's difference would as soon have the other sign; p is the share of 10,000 random sets
    of signs that give a mean at least as far from 0, the observed one counted in.
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
    """Targets and summed values, float64 [classes, 1 + metrics], of the users of each class; users int64 [classes]."""
    _, user = np.unique(users, return_inverse=True)
    columns = [np.bincount(user), *(np.bincount(user, column) for column in values.T)]
    # Sums of the same numbers in another order are the same figures.
    profiles, sizes = np.unique(np.round(np.stack(columns, axis=1), 12) + 0.0, axis=0, return_counts=True)
    return profiles, sizes


def _portions(count: int, classes: int) -> Iterator[int]:
    step = max(1, DRAWS // classes)
    return (min(step, count - at) for at in range(0, count, step))
