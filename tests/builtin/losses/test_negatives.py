"""Losses over drawn items against plain NumPy, and what is drawn against its probabilities."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings, strategies as st

import recframe
from recframe.builtin.losses.gbce import target_exponent
from recframe.builtin.losses.negatives import NegativesOptions
from recframe.builtin.losses.sampler import SAMPLERS, Negatives, alias_table
from recframe.plugin.types import LossContext

LOSSES = recframe.load_plugins().losses
ITEMS, WIDTH, ROWS = 30, 3, 400


def _context(counts: np.ndarray, seed: int = 1) -> LossContext:
    return LossContext(counts, WIDTH, lambda: tf.constant([seed, 2]))


def _example() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Counts, vectors, table, labels; popular items come more often."""
    rng = np.random.default_rng(0)
    share = rng.dirichlet(np.ones(ITEMS))
    labels = rng.choice(np.arange(1, ITEMS + 1), ROWS, p=share).astype("i4")
    counts = np.bincount(labels, minlength=ITEMS + 1)
    return counts, rng.normal(size=(ROWS, WIDTH)).astype("f4"), rng.normal(size=(ITEMS + 1, WIDTH)).astype("f4"), labels


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=40))
@settings(deadline=None)
def test_the_alias_table_holds_each_probability(weights: list[float]) -> None:
    probability = np.array(weights) / sum(weights)
    kept, alias = alias_table(probability)
    drawn = np.bincount(np.arange(len(kept)), kept) + np.bincount(alias, 1 - kept, minlength=len(kept))
    np.testing.assert_allclose(drawn / len(kept), probability, atol=1e-6)


@pytest.mark.parametrize("sampler", list(SAMPLERS))
def test_items_are_drawn_as_often_as_expected_and_never_the_padding(sampler: str) -> None:
    counts = _example()[0]
    negatives = Negatives(NegativesOptions(negatives=200_000, sampler=sampler), _context(counts))
    drawn = np.asarray(negatives.draw())
    assert drawn.min() >= 1
    times = np.bincount(drawn, minlength=ITEMS + 1)[1:]
    expected = np.exp(np.asarray(negatives.expected(tf.range(1, ITEMS + 1))))
    np.testing.assert_allclose(times, expected, atol=5 * np.sqrt(expected.max()))
    if sampler == "uniform":
        np.testing.assert_allclose(expected, 200_000 / ITEMS, rtol=1e-5)
    else:
        assert expected[counts[1:].argmax()] == expected.max() > 1.5 * expected.min()


def test_another_step_draws_other_items_and_the_same_step_the_same() -> None:
    options = NegativesOptions(negatives=50)
    one, again, other = (np.asarray(Negatives(options, _context(np.ones(1000), seed)).draw()) for seed in (1, 1, 2))
    assert one.tolist() == again.tolist() != other.tolist()


@pytest.mark.parametrize("sampler", list(SAMPLERS))
def test_the_sampled_softmax_and_its_gradient_tend_to_the_full_ones(sampler: str) -> None:
    counts, vectors, table, labels = _example()
    contribution = LOSSES["sampled_softmax"]

    def value_and_gradients(name: str, **options: object) -> list[np.ndarray]:
        kind = LOSSES[name]
        loss = kind.build(kind.options(**options), _context(counts))
        inputs = tf.constant(vectors), tf.constant(table)
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            value = loss(*inputs, tf.constant(labels), tf.ones(ROWS))
        return [np.asarray(tf.convert_to_tensor(part)) for part in (value, *tape.gradient(value, inputs))]

    assert contribution.options().log_q
    full = value_and_gradients("softmax")
    sampled = value_and_gradients("sampled_softmax", negatives=50_000, sampler=sampler)
    for one, other in zip(sampled, full, strict=True):
        np.testing.assert_allclose(one, other, atol=0.05 * np.abs(other).max())
    if sampler != "uniform":
        plain = value_and_gradients("sampled_softmax", negatives=50_000, sampler=sampler, log_q=False)
        assert abs(plain[0] - full[0]) > 0.5


def test_gbce_and_bpr_are_their_formulas() -> None:
    counts, vectors, table, labels = _example()
    weights = np.r_[np.ones(ROWS - 50), np.zeros(50)].astype("f4")
    drawn = np.asarray(Negatives(NegativesOptions(negatives=7), _context(counts)).draw())
    pairs, logs, gbce = [], [], []
    beta = target_exponent(7 / (ITEMS - 1), 0.75)
    for vector, label in itertools.islice(zip(vectors.astype(float), labels, strict=True), ROWS - 50):
        own = vector @ table[label]
        others = np.array([vector @ table[item] for item in drawn if item != label])
        pairs.append(np.mean(np.log1p(np.exp(others - own))))
        logs.append(-beta * np.log(1 / (1 + np.exp(-own))) - np.sum(np.log(1 - 1 / (1 + np.exp(-others)))))
        gbce.append(logs[-1] / 8)
    for name, expected in (("bpr", pairs), ("gbce", gbce)):
        kind = LOSSES[name]
        loss = kind.build(kind.options(negatives=7), _context(counts))
        value = float(loss(*map(tf.constant, (vectors, table, labels, weights))))
        np.testing.assert_allclose(value, np.mean(expected), rtol=1e-4)


def test_calibration_goes_from_plain_to_that_of_a_softmax() -> None:
    assert target_exponent(0.1, 0.0) == pytest.approx(1.0)
    assert target_exponent(0.1, 1.0) == pytest.approx(0.1)
