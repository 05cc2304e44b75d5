"""Item vectors from co-occurrence, against a plain factorisation of the whole matrix."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import attrs
import numpy as np
import pytest

import recframe
from recframe.data.prepare import PreparedData
from recframe.data.splits import TRAIN
from recframe.evaluation.sparse_rows import SparseRows
from recframe.model.dual_encoder import build_model
from recframe.runs.data import load_data
from recframe.training import cooccurrence_start
from recframe.training.cooccurrence_start import SCALE, item_vectors, start_from_cooccurrence

SMALL = ["dataset.users=80", "dataset.items=40", "dataset.events_per_user=12", "model.width=8"]


def _data(*overrides: str) -> tuple[recframe.ExperimentSpec, PreparedData]:
    spec = recframe.compose([*SMALL, *overrides])
    return spec, load_data(spec, recframe.load_plugins(), lambda note: None)


def _counts(data: PreparedData) -> np.ndarray:
    """How often two items stand within five events of each other, by a loop."""
    counts: Counter[tuple[int, int]] = Counter()
    for first, end in pairwise(data.interactions.offsets):
        labels = [int(data.labels[e]) for e in range(first, end) if data.split.parts[e] == TRAIN and data.labels[e]]
        for place, label in enumerate(labels):
            for other in labels[place + 1 : place + 6]:
                if label != other:
                    counts[label, other] += 1
                    counts[other, label] += 1
    matrix = np.zeros((data.num_labels, data.num_labels))
    for cell, count in counts.items():
        matrix[cell] = count
    return matrix


def _information(counts: np.ndarray) -> np.ndarray:
    """Positive pointwise mutual information with the smoothed probability of either item, as a geometric mean."""
    occurrences = counts.sum(axis=1)
    smoothed = occurrences**0.75
    with np.errstate(divide="ignore", invalid="ignore"):
        one_way = np.log(counts / occurrences[:, None] / (smoothed / smoothed.sum())[None])
        return np.nan_to_num(np.maximum((one_way + one_way.T) / 2, 0), nan=0.0)


def test_the_products_of_the_vectors_approximate_the_information() -> None:
    spec, data = _data()
    model = build_model(spec, recframe.load_plugins(), data.features, data.num_labels)
    random = model.table.numpy()
    start_from_cooccurrence(model, data, spec.seed)
    vectors = (model.table.numpy() - random)[1:].astype(float)
    information = _information(_counts(data))[1:, 1:]
    values, directions = np.linalg.eigh(information)
    largest = np.argsort(-values)[:8]
    best = (directions[:, largest] * values[largest]) @ directions[:, largest].T
    products = vectors @ vectors.T
    products *= np.sum(products * information) / np.sum(products**2)
    assert np.linalg.norm(products - information) < 1.05 * np.linalg.norm(best - information)
    assert np.sqrt(np.mean(vectors**2)) == pytest.approx(SCALE, rel=1e-3)


def test_items_that_occur_with_no_other_keep_their_random_vectors() -> None:
    spec, data = _data("label.vocab_size=60")
    model = build_model(spec, recframe.load_plugins(), data.features, data.num_labels)
    before = model.table.numpy()
    start_from_cooccurrence(model, data, spec.seed)
    alone = _counts(data).sum(axis=1) == 0
    assert alone[0]
    assert alone.sum() >= 20
    np.testing.assert_array_equal(model.table.numpy()[alone], before[alone])
    assert np.all(np.any(model.table.numpy()[~alone] != before[~alone], axis=1))


def test_a_catalogue_smaller_than_the_width_keeps_random_values_in_the_other_columns() -> None:
    vectors = item_vectors(SparseRows.of_pairs(4, [(np.array([1, 1, 2]), np.array([2, 2, 3]))], both_ways=True), 8, 1)
    assert vectors.shape == (4, 4)
    assert np.isfinite(vectors).all()
    assert not vectors[0].any()


def test_data_without_pairs_changes_nothing() -> None:
    assert not item_vectors(SparseRows.of_pairs(4, []), 8, 1).any()


def test_few_events_are_read_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    spec, data = _data()
    vectors = []
    for most in (10**6, 300):
        monkeypatch.setattr(cooccurrence_start, "EVENTS", most)
        model = build_model(spec, recframe.load_plugins(), data.features, data.num_labels)
        start_from_cooccurrence(model, data, spec.seed)
        vectors.append(model.table.numpy())
    assert np.abs(vectors[0] - vectors[1]).max() > 0


def test_a_run_begins_with_them_unless_asked_not_to() -> None:
    spec, data = _data("train.epochs=0", "exporters=[]", "evaluation.baselines=[]")
    model = build_model(spec, recframe.load_plugins(), data.features, data.num_labels)
    start_from_cooccurrence(model, data, spec.seed)
    np.testing.assert_array_equal(recframe.train(spec).model.table.numpy(), model.table.numpy())
    plain = recframe.train(attrs.evolve(spec, model=attrs.evolve(spec.model, embedding_start="uniform")))
    assert np.abs(plain.model.table.numpy()).max() <= 0.05
