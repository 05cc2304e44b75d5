"""The strength of the popularity prior is the one with the least cross-entropy."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings, strategies as st

from recframe.training.popularity_prior import best_strength


def _cross_entropy(scores: np.ndarray, bias: np.ndarray, labels: np.ndarray, strength: float) -> float:
    logits = scores.astype(np.float64) + strength * bias
    return float(np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(labels)), labels]))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(-1, 2))
def test_it_is_the_least_of_a_grid(seed: int, true: float) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(60, 15)).astype(np.float32)
    bias = rng.normal(size=15).astype(np.float32) * 2
    chances = np.exp(scores + true * bias)
    labels = np.array([rng.choice(15, p=row / row.sum()) for row in chances])
    best = best_strength(scores, bias, labels)
    least = min(_cross_entropy(scores, bias, labels, strength) for strength in np.linspace(0, 1, 101))
    assert 0 <= best <= 1
    assert _cross_entropy(scores, bias, labels, best) <= least + 1e-5
