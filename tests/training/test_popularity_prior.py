"""The strength of the popularity prior is the one with the least cross-entropy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import recframe
from recframe.data.sequences import histories
from recframe.data.splits import VALIDATION
from recframe.evaluation.keras_scorer import KerasScorer
from recframe.model.dual_encoder import build_model
from recframe.training import popularity_prior
from recframe.training.popularity_prior import BiasGroups, best_strength
from tests.composed import spec_of
from tests.evaluation.data import prepared


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


@pytest.mark.parametrize("columns", [7, 1_000])
def test_groups_of_equal_bias_give_the_strength_that_all_items_give(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(popularity_prior, "COLUMNS", columns)
    data, registries = prepared(), recframe.load_plugins()
    model = build_model(spec_of(), registries, data.features, data.num_labels, data.label_counts)
    model.bias.assign(2 * np.asarray(model.bias))  # so that about half of it is enough
    targets = data.targets(VALIDATION)
    scorer, bias = KerasScorer(model, len(targets)), np.asarray(model.bias)
    groups = BiasGroups.of(bias, data.known)
    inputs = histories(data, targets, latest=2)
    sums = groups.scores(scorer, inputs)
    assert sums.shape[1] == len(set(bias[data.known])) < data.num_items
    scores = scorer(inputs)[:, data.known]
    items = np.cumsum(data.known)[data.labels[targets]] - 1
    alone = best_strength(scores, bias[data.known], items)
    assert 0 < alone < 1
    assert best_strength(sums, groups.bias, groups.of_label[data.labels[targets]]) == alone
