"""Losses against plain NumPy, written out."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

import recframe
from recframe.plugin.types import LossContext

REGISTRIES = recframe.load_plugins()


def _loss(name: str, counts: np.ndarray, **options: object):  # type: ignore[no-untyped-def]
    kind = REGISTRIES.losses[name]
    function = kind.build(kind.options(**options), LossContext(counts, 8, lambda: tf.constant([1, 2])))
    return lambda *arrays: float(function(*(tf.constant(a) for a in arrays)))


def test_softmax_is_the_cross_entropy_over_all_items_but_padding() -> None:
    rng = np.random.default_rng(0)
    vectors, table = rng.normal(size=(6, 3)).astype("f4"), rng.normal(size=(9, 3)).astype("f4")
    labels, weights = np.array([1, 2, 3, 8, 5, 5], "i4"), np.array([1, 1, 1, 1, 1, 0], "f4")
    logits = vectors @ table[1:].T
    rows = np.log(np.exp(logits).sum(1)) - logits[np.arange(6), labels - 1]
    expected = (rows * weights).sum() / weights.sum()
    np.testing.assert_allclose(_loss("softmax", np.ones(9))(vectors, table, labels, weights), expected, rtol=1e-5)


def test_in_batch_tends_to_the_full_softmax_as_the_batch_grows() -> None:
    """With logQ the sampled loss estimates the full one; without it popular items are pushed down."""
    rng = np.random.default_rng(1)
    items, width, rows = 12, 3, 6000
    table = rng.normal(size=(items, width)).astype("f4")
    share = np.r_[0, rng.dirichlet(np.ones(items - 1))]
    labels = rng.choice(items, rows, p=share).astype("i4")
    counts = np.bincount(labels, minlength=items)
    vectors = rng.normal(size=(rows, width)).astype("f4")
    weights = np.ones(rows, "f4")
    full = _loss("softmax", counts)(vectors, table, labels, weights)
    corrected = _loss("in_batch", counts)(vectors, table, labels, weights)
    np.testing.assert_allclose(corrected, full, rtol=0.01)
    uncorrected = _loss("in_batch", counts, log_q=False)(vectors, table, labels, weights)
    assert abs(uncorrected - full) > 0.5
