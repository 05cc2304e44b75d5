"""An empty or short history gets the items that are popular, from the trained model and on a phone alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import recframe
from recframe import Run, train
from recframe.data.sequences import histories
from recframe.data.splits import TEST
from recframe.model.dual_encoder import SHORT_HISTORY
from recframe.runtime import Bundle

SMALL = ["dataset.users=80", "dataset.items=60", "dataset.events_per_user=15", "model.history_length=8"]


@pytest.fixture(scope="module", params=["bow", "cnn", "lstm"])
def run(request: pytest.FixtureRequest) -> Run:
    return train(
        recframe.compose(
            [
                *SMALL,
                "train.epochs=0",  # the bias is counted and its strength learnt, whatever the weights
                "evaluation.baselines=[popularity]",
                f"encoder={request.param}",
                "model.num_predictions=5",
            ]
        )
    )


def test_an_empty_history_scores_the_bias(run: Run) -> None:
    empty = {name: tf.zeros((1, *feature.shape), feature.dtype) for name, feature in run.data.features.items()}
    assert run.model.bias is not None
    np.testing.assert_array_equal(np.asarray(run.model.scores(empty))[0], np.asarray(run.model.bias))


def test_the_bias_follows_the_training_events(run: Run) -> None:
    best = np.argsort(-run.data.label_counts[1:], kind="stable")[:5] + 1
    assert [item for item, _ in run.recommend([], k=5)] == [run.data.label_vocabulary[label] for label in best]


def test_a_short_history_leans_to_what_is_popular(run: Run) -> None:
    model, strength = run.model, np.zeros(SHORT_HISTORY + 2, np.float32)
    prior_strength = run.metrics["prior_strength"]
    assert prior_strength[0] == 1
    assert prior_strength[-1] == 0
    inputs = histories(run.data, run.data.targets(TEST)[:7], latest=3)
    before = np.asarray(model.prior_strength)
    model.prior_strength.assign(strength)
    alone = np.asarray(model.scores(inputs))
    strength[3] = 0.5
    model.prior_strength.assign(strength)
    leaning = np.asarray(model.scores(inputs))
    model.prior_strength.assign(before)
    np.testing.assert_allclose(leaning - alone, np.tile(0.5 * np.asarray(model.bias), (7, 1)), atol=1e-5)


def test_a_model_that_has_learnt_nothing_leans_on_popularity() -> None:
    nothing = ["train.epochs=0", "model.embedding_start=uniform"]
    run = train(recframe.compose([*SMALL, *nothing, "evaluation.baselines=[popularity]"]))
    assert run.metrics["prior_strength"][1] > 0.2
    best = run.recommend([run.data.label_vocabulary[9]], k=5)
    popular = [run.data.label_vocabulary[label] for label in (1, 2, 3, 4, 5)]
    assert len({item for item, _ in best} & set(popular)) >= 4


def test_an_exported_model_answers_the_same_to_an_empty_history(run: Run, tmp_path: Path) -> None:
    bundle = Bundle(run.export(tmp_path / "export"))
    for history in ([], [run.data.label_vocabulary[2]], [run.data.label_vocabulary[i] for i in (3, 9, 4)]):
        assert [answer.id for answer in bundle.recommend(history)] == [item for item, _ in run.recommend(history, k=5)]


def test_without_a_bias_there_is_none() -> None:
    spec = recframe.compose([*SMALL, "train.epochs=0", "evaluation.baselines=[popularity]", "model.item_bias=false"])
    run = train(spec)
    assert run.model.bias is None
    assert run.metrics["prior_strength"] == []
