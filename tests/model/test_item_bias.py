"""An empty history gets the items that are popular, from the trained model and on a phone alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import recframe
from recframe.runtime import Bundle
from recframe.training.run import Run, train

SMALL = ["dataset.users=80", "dataset.items=60", "dataset.events_per_user=15", "model.history_length=8"]


@pytest.fixture(scope="module", params=["bow", "cnn", "lstm"])
def run(request: pytest.FixtureRequest) -> Run:
    return train(recframe.compose([*SMALL, "train.epochs=2", f"encoder={request.param}", "model.num_predictions=5"]))


def test_an_empty_history_scores_the_bias(run: Run) -> None:
    empty = {name: tf.zeros((1, *feature.shape), feature.dtype) for name, feature in run.data.features.items()}
    assert run.model.bias is not None
    np.testing.assert_array_equal(np.asarray(run.model.scores(empty))[0], np.asarray(run.model.bias))


def test_the_bias_follows_the_training_events(run: Run) -> None:
    best = np.argsort(-run.data.label_counts[1:], kind="stable")[:5] + 1
    assert [item for item, _ in run.recommend([], k=5)] == [run.data.label_vocabulary[label] for label in best]


def test_an_exported_model_answers_the_same_to_an_empty_history(run: Run, tmp_path: Path) -> None:
    bundle = Bundle(run.export(tmp_path / "export"))
    assert [found.id for found in bundle.recommend([])] == [item for item, _ in run.recommend([], k=5)]


def test_without_a_bias_there_is_none() -> None:
    spec = recframe.compose([*SMALL, "train.epochs=1", "model.item_bias=false"])
    assert train(spec).model.bias is None
