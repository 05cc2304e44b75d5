"""Mistakes get one clear message each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recframe import model_spec, recommendation
from recframe.errors import RecframeError, SpecError
from recframe.recommendation import DataLoader
from tests.recommendation.world import (
    World,
    create,
    hparams,
    movies_alone,
    own_dataset,
)


def test_data_that_does_not_fit(small: World, tmp_path: Path) -> None:
    size, good = small.classes, own_dataset(small)
    chosen = recommendation.ModelSpec(small.input_spec(), hparams())
    model = recommendation.create(good, chosen, do_train=False)
    model.export(tmp_path)
    ids = good.columns["context_movie_id"]
    words = np.full((len(good), 32), "Drama")
    for changes, message in (
        ({"context_movie_rating": None}, "context_movie_rating: not among the examples' features.*context_movie_genre"),
        ({"context_movie_id": ids + size}, f"context_movie_id: .* and its vocab_size is {size}"),
        ({"context_movie_id": ids - 1}, f"context_movie_id: the examples hold the id -1, and its vocab_size is {size}"),
        ({"context_movie_id": ids.astype(np.float32)}, "context_movie_id: the examples hold float32 values"),
        ({"context_movie_id": ids[:, :7]}, "hold 7 values each, and its feature_length is 10"),
        ({"context_movie_genre": words}, "context_movie_genre: the examples hold object values"),
        ({"label_movie_id": good.labels[:, None] + size}, f"label_movie_id: .* and its vocab_size is {size}"),
        ({"label_movie_id": np.zeros((len(good), 1), np.int64)}, "has no example with a known label"),
    ):
        bad = own_dataset(small, **changes)
        for call in (
            lambda: recommendation.create(bad, chosen, steps_per_epoch=2),  # noqa: B023
            lambda: recommendation.create(bad, chosen, do_train=False),  # noqa: B023
            lambda: recommendation.create(good, chosen, validation_data=bad),  # noqa: B023
            lambda: model.evaluate(bad),  # noqa: B023
            lambda: model.evaluate_tflite(tmp_path / "model.tflite", bad),  # noqa: B023
        ):
            with pytest.raises(RecframeError, match=message):
                call()
    with pytest.raises(SpecError) as caught:
        model.evaluate(own_dataset(small, context_movie_rating=None, context_movie_id=ids + size))
    assert len(caught.value.problems) == 2
    empty, _ = good.split(1e-9)
    with pytest.raises(ValueError, match="train_data has no examples"):
        recommendation.create(empty, chosen)


def test_wrong_arguments(small: World, tmp_path: Path) -> None:
    spec = small.input_spec()
    data, chosen = small.load("train", spec), recommendation.ModelSpec(spec, hparams())
    no_label, text_label = small.input_spec(), small.input_spec()
    no_label.ClearField("label_feature")
    text_label.label_feature.feature_type = recommendation.spec.FeatureType.Value("STRING")
    moment = small.input_spec()
    moment.now_feature_groups.add().features.add(feature_name="hour", learn_vocabulary=True, embedding_dim=4)
    for call, message in (
        (lambda: recommendation.create(data, "recommendation"), "model_spec is a str; it must be a recommendation.Mod"),
        (
            lambda: recommendation.create(data.gen_dataset(), chosen),
            "train_data is a .*; it must be a recommendation.D",
        ),
        (lambda: recommendation.create(data, chosen, batch_size=0), "batch_size is 0; it must be at least 1"),
        (lambda: recommendation.create(data, chosen, epochs=0), "epochs is 0; it must be at least 1"),
        (lambda: recommendation.create(data, chosen, steps_per_epoch=0), "steps_per_epoch is 0; it must be at least 1"),
        (lambda: recommendation.ModelSpec(dict(label_feature={}), hparams()), "input_spec is a dict; it must be a"),
        (lambda: recommendation.ModelSpec(spec, [32, 32]), "model_hparams is a list; it must be a"),
        (lambda: recommendation.ModelSpec(no_label, hparams()), "label_feature: must be given"),
        (lambda: recommendation.ModelSpec(text_label, hparams()), "label_feature.feature_type: the label must be INT"),
        (lambda: hparams(eval_top_k=[0]), "eval_top_k: .* must be at least 1"),
        (lambda: DataLoader.from_movielens(small.folder, "validation", spec), "data_tag is 'validation'"),
        (
            lambda: DataLoader.from_movielens(small.folder, "train", moment),
            r"now_feature_groups\[0\]: .* do not tell the",
        ),
    ):
        with pytest.raises(ValueError, match=message) as caught:
            call()
        assert isinstance(caught.value, RecframeError)
    for name, value in (("learning_rate", 0.0), ("gradient_clip_norm", -1.0)):
        with pytest.raises(SpecError, match=f"{name}: .* is not allowed"):
            recommendation.create(data, chosen, **{name: value})
    for changes, message in (
        ({"eval_top_k": [1, 1]}, r"top_k: list each cut-off only once, got \[1, 1\]"),
        ({"conv_num_filter_ratios": []}, "filter_ratios: .* at least one is needed"),
    ):
        with pytest.raises(SpecError, match=message):
            recommendation.ModelSpec(small.input_spec("CNN"), hparams(**changes))
    with pytest.raises(KeyError, match="did you mean 'recommendation'"):
        model_spec.get("recomendation")
    assert model_spec.get(chosen) is chosen
    assert isinstance(model_spec.get(recommendation.ModelSpec, spec, hparams()), recommendation.ModelSpec)


@pytest.mark.parametrize(
    ("encoder", "missing"),
    [("CNN", "conv_num_filter_ratios"), ("CNN", "conv_kernel_size"), ("LSTM", "lstm_num_units")],
)
def test_what_an_encoder_needs(small: World, encoder: str, missing: str) -> None:
    with pytest.raises(ValueError, match=rf"model_hparams\.{missing}: None, and .*\[0\] is a {encoder}") as caught:
        recommendation.ModelSpec(small.input_spec(encoder), hparams(**{missing: None}))
    assert isinstance(caught.value, SpecError)
    assert len(caught.value.problems) == 2  # one for each group
    recommendation.ModelSpec(small.input_spec("BOW"), hparams(**{missing: None}))
    own = {"filter_ratios": [2], "kernel_size": 3} if encoder == "CNN" else {"units": 4}
    recommendation.ModelSpec(small.input_spec(encoder, encoder_options=own), hparams(**{missing: None}))


def test_more_asked_than_the_model_returns(small: World, tmp_path: Path) -> None:
    model = create(small, do_train=False, hparams=hparams(eval_top_k=[1, 20], num_predictions=5))
    model.export(tmp_path)
    test = small.load("test", small.input_spec())
    assert model.evaluate(test).names[2] == "Global_Recall/Recall_20"
    with pytest.raises(ValueError, match=r"eval_top_k: 20 is more than the 5 ids that model\.tflite returns"):
        model.evaluate_tflite(tmp_path / "model.tflite", test)
    for name, content in (("no.tflite", None), ("bad.tflite", b"not a model")):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match="cannot be read as a LiteRT model"):
            model.evaluate_tflite(tmp_path / name, test)
    alone = movies_alone(small)
    other = recommendation.create(
        small.load("train", alone), recommendation.ModelSpec(alone, hparams(eval_top_k=[5])), do_train=False
    )
    with pytest.raises(ValueError, match="reads other features than the data has"):
        other.evaluate_tflite(tmp_path / "model.tflite", small.load("test", alone))
    many = create(small, alone, do_train=False, hparams=hparams(num_predictions=10_000))
    with pytest.raises(SpecError, match=r"num_predictions: 10000 is more than the 30 items"):
        many.export(tmp_path)


def test_lines_that_need_their_size(small: World) -> None:
    """A text's size may be that of its file; the label's must be said."""
    spec = small.input_spec()
    spec.activity_feature_groups[1].features[0].ClearField("vocab_size")
    model = create(small, spec, do_train=False)
    assert model.catalogue is not None
    lines = (small.folder / "movie_genre_vocab.txt").read_text().splitlines()
    assert model.catalogue.features["context_movie_genre"].size == len(lines)
    with pytest.raises(SpecError, match="context_movie_genre: its vocab_size is needed here"):
        recommendation.ModelSpec(spec, hparams()).create_model()
    spec.label_feature.ClearField("vocab_size")
    spec.label_feature.learn_vocabulary = True
    with pytest.raises(SpecError, match="label_movie_id: its vocab_size is needed here"):
        create(small, spec)
