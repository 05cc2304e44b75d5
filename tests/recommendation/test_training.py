"""Training and evaluation through Model Maker's names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from recframe import recommendation
from recframe.data.sequences import Batch
from recframe.training.loop import Trainer
from tests.recommendation.dat_layout import feature
from tests.recommendation.world import (
    World,
    check_answers,
    check_recalls,
    create,
    hparams,
    movies_alone,
    own_dataset,
    score,
)


def test_an_encoder_of_a_plugin(small: World, tmp_path: Path) -> None:
    pytest.importorskip("recframe_gru")
    group = recommendation.spec.FeatureGroup(
        features=[feature("context_movie_id", "INT", 10, small.classes)], encoder="gru", encoder_options={"units": 12}
    )
    spec = recommendation.spec.InputSpec(
        activity_feature_groups=[group], label_feature=feature("label_movie_id", "INT", 1, small.classes)
    )
    model = create(small, spec, do_train=False)
    assert model.experiment.groups["activity_0"].encoder.options.units == 12
    test = small.load("test", spec)
    model.export(tmp_path)
    runner = Interpreter(model_path=str(tmp_path / "model.tflite")).get_signature_runner()
    check_answers(model, runner, test, small.movies, 1e-5)


def test_a_group_about_the_user(small: World, tmp_path: Path) -> None:
    spec = small.input_spec()
    spec.global_feature_groups.add(features=[feature("context_movie_year", "INT", 10, 3000)])
    model = create(small, spec, do_train=False)
    model.export(tmp_path)
    runner = Interpreter(model_path=str(tmp_path / "model.tflite")).get_signature_runner()
    check_answers(model, runner, small.load("test", spec), small.movies, 1e-5)


def test_the_same_seed_gives_the_same(small: World) -> None:
    spec = movies_alone(small)
    train, test = small.load("train", spec), small.load("test", spec)
    one = create(small, spec, epochs=2)
    first, metrics = one.history, one.evaluate(test)
    again = one.train(train, batch_size=16, steps_per_epoch=5, epochs=2)
    assert again is one.history
    assert again == first  # from new weights, and not further
    assert one.evaluate(test) == metrics
    assert create(small, spec, epochs=2, options={"seed": 2}).history != first


@pytest.mark.parametrize("batch_size", [1, 7, 10_000])
def test_every_example_counts(small: World, trained: recommendation.Recommendation, batch_size: int) -> None:
    model, test = trained, small.load("test", small.input_spec())
    scores = score(model, test)
    own = scores[np.arange(len(test)), test.labels]
    ranks = (scores >= own[:, None]).sum(axis=1) - 1
    metrics = model.evaluate(test, batch_size).as_dict()
    assert metrics["global_mean_rank"] == pytest.approx(ranks.mean())
    assert metrics["Global_Recall/Recall_5"] == pytest.approx((ranks < 5).mean())
    keras_loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(test.labels - 1, scores[:, 1:])
    assert metrics["loss"] == pytest.approx(float(keras_loss), rel=1e-5)
    if batch_size == 1:
        assert metrics["Batch_Recall/Recall_1"] == 1
        assert metrics["batch_mean_rank"] == 0


def test_the_figures_of_model_makers_own_tests() -> None:
    """Three rows and labels, with the values worked out by hand: the mean rank is of each row's own label."""
    from recframe.evaluation.scorers import RowScorer, from_scores
    from recframe.recommendation.metrics import evaluate

    logits = np.array([[-9, 0.8, 0.1, 1.1, 0.3], [-9, 0.2, 0.7, 0.1, 0.5], [-9, 0.7, 0.4, 0.9, 0.2]], np.float32)
    rows = recommendation.DataLoader(
        tf.data.Dataset.from_tensor_slices(({"a": np.arange(3)[:, None]}, np.array([[3], [1], [2]]))), 3, {}
    )
    known = np.array([False, True, True, True, True])

    def figures(scores: np.ndarray, known: np.ndarray) -> dict[str, float]:
        def scorer(inputs: Mapping[str, np.ndarray]) -> RowScorer:
            return lambda chosen: from_scores(scores[inputs["a"][chosen, 0]])

        return evaluate(scorer, 3, rows.examples, known, [1, 2], 3).as_dict()

    metrics = figures(logits, known)
    assert metrics["Global_Recall/Recall_1"] == pytest.approx(1 / 3)
    assert metrics["Global_Recall/Recall_2"] == pytest.approx(1 / 3)
    assert metrics["global_mean_rank"] == pytest.approx((0 + 2 + 2) / 3)
    assert metrics["Batch_Recall/Recall_2"] == pytest.approx(2 / 3)
    assert metrics["batch_mean_rank"] == pytest.approx((0 + 1 + 2) / 3)
    # Of two equal scores the label's is the worse; of an item that is none, no place is good.
    equal = figures(np.zeros((3, 5), np.float32), known)
    assert equal["global_mean_rank"] == 3
    unknown = figures(logits, known & (np.arange(5) != 3))
    assert unknown["Global_Recall/Recall_2"] == pytest.approx(1 / 3)  # the third row alone
    assert unknown["global_mean_rank"] == pytest.approx((3 + 2 + 1) / 3)


@pytest.mark.parametrize(("batch_size", "steps", "shuffle"), [(1, 3, False), (16, None, True)])
def test_epochs_and_steps(
    small: World, monkeypatch: pytest.MonkeyPatch, batch_size: int, steps: int | None, shuffle: bool
) -> None:
    seen: list[np.ndarray] = []
    batches = Trainer.batches

    def watched(self: Trainer, epoch: int) -> Iterator[Batch]:
        for batch in batches(self, epoch):
            seen.append(batch.labels[batch.weights > 0])
            yield batch

    monkeypatch.setattr(Trainer, "batches", watched)
    spec = movies_alone(small)
    train = small.load("train", spec)
    model = create(small, spec, batch_size=batch_size, steps_per_epoch=steps, epochs=3, shuffle=shuffle)
    whole = steps or -(-len(train) // batch_size)
    assert len(seen) == 3 * whole
    epochs = [np.concatenate(seen[at : at + whole]) for at in range(0, len(seen), whole)]
    for labels in epochs:  # each begins anew; of a whole pass none is dropped and none is there twice
        assert sorted(labels) == sorted(train.labels if steps is None else train.labels[: steps * batch_size])
        assert shuffle or (labels == train.labels[: len(labels)]).all()
    assert shuffle is not np.array_equal(epochs[0], epochs[1])
    assert len(model.history["loss"]) == 3
    assert not any(name.startswith("val_") for name in model.history)


def test_without_training(small: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec, test = movies_alone(small), small.load("test", movies_alone(small))
    model = create(small, spec, do_train=False)
    assert model.history == {}
    assert model.evaluate(test)[0] == pytest.approx(np.log(small.classes), abs=1.5)
    model.summary()
    assert "projection" in capsys.readouterr().out
    model.export(tmp_path)
    check_answers(model, Interpreter(model_path=str(tmp_path / "model.tflite")).get_signature_runner(),
                  test, small.movies, 1e-5)  # fmt: skip

    task = recommendation.Recommendation(recommendation.ModelSpec(spec, hparams()), tmp_path / "model")
    for call in (lambda: task.evaluate(test), lambda: task.export(tmp_path), task.summary):
        with pytest.raises(ValueError, match="there is no model yet: call create, or train"):
            call()
    made = task.create_model()
    assert [weight.shape for weight in made.get_weights()] == [
        weight.shape for weight in task.model_spec.create_model().get_weights()
    ]
    assert task.evaluate(test) == model.evaluate(test)
    with pytest.raises(ValueError, match="no examples to check the exported model on"):
        task.export(tmp_path)
    assert task.input_spec is spec
    assert task.model_hparams == hparams()
    assert task.model_dir == tmp_path / "model"


def test_a_dataset_of_ones_own(small: World, tmp_path: Path) -> None:
    chosen = recommendation.ModelSpec(small.input_spec(), hparams())
    data = own_dataset(small)
    model = recommendation.create(data, chosen, validation_data=data, batch_size=len(data) + 5, steps_per_epoch=5)
    model.export(tmp_path)
    check_recalls(model, model.evaluate_tflite(tmp_path / "model.tflite", data), data)
    runner = Interpreter(model_path=str(tmp_path / "model.tflite")).get_signature_runner()
    assert list(runner.get_input_details()) == ["context_movie_genre", "context_movie_id", "context_movie_rating"]
