"""Code written for Model Maker, with its import line changed: what it gets, and what an app sees of the model."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from recframe import model_spec, recommendation
from recframe.config import ExportFormat, QuantizationConfig
from recframe.export.litert.flatbuffer.reading import read_facts
from tests.recommendation.world import (
    NAMES,
    World,
    check_answers,
    check_recalls,
    create,
)


def test_the_text(world: World, tmp_path: Path) -> None:
    """The words of the page that people copied, but for the number of steps."""
    data_dir, folder = str(world.folder), str(tmp_path / "export")
    input_spec = recommendation.spec.InputSpec(
        activity_feature_groups=[
            dict(
                features=[
                    dict(
                        feature_name="context_movie_id",
                        feature_type="INT",
                        vocab_size=3953,
                        embedding_dim=8,
                        feature_length=10,
                    )
                ],
                encoder_type="CNN",
            ),
        ],
        label_feature=dict(
            feature_name="label_movie_id", feature_type="INT", vocab_size=3953, embedding_dim=8, feature_length=1
        ),
    )
    model_hparams = recommendation.spec.ModelHParams(
        hidden_layer_dims=[32, 32],
        eval_top_k=[1, 5],
        conv_num_filter_ratios=[2, 4],
        conv_kernel_size=16,
        lstm_num_units=16,
        num_predictions=10,
    )
    spec = recommendation.ModelSpec(input_spec=input_spec, model_hparams=model_hparams)
    spec = model_spec.get("recommendation", input_spec=input_spec, model_hparams=model_hparams)
    train_data = recommendation.DataLoader.from_movielens(
        data_dir, "train", input_spec, max_context_movie_genre_length=32
    )
    test_data = recommendation.DataLoader.from_movielens(
        data_dir, "test", input_spec, max_context_movie_genre_length=32
    )
    test_data, _ = test_data.split(0.1)
    model = recommendation.create(
        train_data,
        model_spec=spec,
        model_dir=str(tmp_path / "model"),
        validation_data=test_data,
        batch_size=16,
        steps_per_epoch=100,
        epochs=2,
        learning_rate=0.1,
        gradient_clip_norm=1.0,
        shuffle=True,
        do_train=True,
    )
    metrics = model.evaluate(test_data)
    assert isinstance(metrics, list)
    assert len(metrics) == len(NAMES)
    assert metrics.as_dict() == dict(zip(NAMES, metrics, strict=True))
    assert all(isinstance(value, float) and np.isfinite(value) for value in metrics)
    assert list(model.history.history) == [*NAMES, *(f"val_{name}" for name in NAMES)]
    assert model.history.epoch == [0, 1]
    assert all(len(values) == 2 for values in model.history.values())
    assert model.history["val_loss"][1] == pytest.approx(model.evaluate(test_data, batch_size=16)[0])
    assert model.history["loss"][1] < model.history["loss"][0] < np.log(3953)
    model.export(
        folder,
        tflite_filename="model.tflite",
        label_filename="labels.txt",
        vocab_filename="vocab.txt",
        saved_model_filename="saved_model",
        export_format=None,
    )
    assert os.listdir(folder) == ["model.tflite"]
    tflite_metrics = model.evaluate_tflite(os.path.join(folder, "model.tflite"), test_data)
    check_recalls(model, tflite_metrics, test_data)
    kept = [str(path.relative_to(tmp_path / "model")) for path in (tmp_path / "model").rglob("*") if path.is_file()]
    assert sorted(name.partition("/events.out")[0] for name in kept) == [
        "checkpoints/epoch-1.weights.h5",
        "checkpoints/epoch-2.weights.h5",
        "summaries/train",
        "summaries/validation",
    ]
    before = model.evaluate(test_data)
    assert model.model is not None
    model.model.load_weights(tmp_path / "model" / "checkpoints" / "epoch-1.weights.h5")
    assert model.evaluate(test_data, 16)[0] == pytest.approx(model.history["val_loss"][0])
    model.model.load_weights(tmp_path / "model" / "checkpoints" / "epoch-2.weights.h5")
    assert model.evaluate(test_data) == before


@pytest.mark.parametrize(
    "encoder", [pytest.param("CNN", marks=pytest.mark.slow), pytest.param("LSTM", marks=pytest.mark.slow), "BOW"]
)
def test_what_an_app_sees(world: World, tmp_path: Path, encoder: str) -> None:
    spec = world.input_spec(encoder)
    test, _ = world.load("test", spec).split(0.1)
    model = create(world, spec, model_dir=tmp_path / "model", steps_per_epoch=200)
    every = [ExportFormat.TFLITE, ExportFormat.SAVED_MODEL, ExportFormat.LABEL, ExportFormat.VOCAB]
    model.export(tmp_path / "out", export_format=every)
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["labels.txt", "model.tflite", "movie_genre_vocab.txt", "saved_model", "vocab.txt"]

    content = (tmp_path / "out" / "model.tflite").read_bytes()
    facts = read_facts(content)
    assert not facts.custom
    assert not any(name.startswith(("FLEX", "CUSTOM")) for name in facts.ops)
    assert not {"INT64", "FLOAT64", "STRING"} & set(facts.types)
    interpreter = Interpreter(model_content=content)
    assert interpreter.get_signature_list()["serving_default"] == {
        "inputs": ["context_movie_genre", "context_movie_id", "context_movie_rating"],
        "outputs": ["top_prediction_ids", "top_prediction_scores"],
    }
    runner = interpreter.get_signature_runner("serving_default")
    inputs = {name: (tuple(at["shape"]), at["dtype"]) for name, at in runner.get_input_details().items()}
    assert inputs == {
        "context_movie_genre": ((32,), np.int32),
        "context_movie_id": ((10,), np.int32),
        "context_movie_rating": ((10,), np.float32),
    }
    # The positions of raw tensors are those of the sorted names, for apps that count.
    assert [at["name"] for at in interpreter.get_input_details()] == [
        f"serving_default_context_movie_{name}:0" for name in ("genre", "id", "rating")
    ]
    assert [at["dtype"] for at in interpreter.get_output_details()] == [np.int32, np.float32]
    check_answers(model, runner, test, world.movies, 1e-5)
    loaded = tf.saved_model.load(str(tmp_path / "out" / "saved_model"))
    served = loaded.signatures["serving_default"]
    assert sorted(served.structured_input_signature[1]) == sorted(inputs)
    check_answers(model, lambda **values: served(**{n: tf.constant(v) for n, v in values.items()}),
                  test, world.movies, 1e-5)  # fmt: skip

    check_recalls(model, model.evaluate_tflite(tmp_path / "out" / "model.tflite", test), test)
    labels = (tmp_path / "out" / "labels.txt").read_text().splitlines()
    assert labels[1] == test.vocab[1]["title"]
    assert len(labels) == world.classes
    assert (tmp_path / "out" / "vocab.txt").read_text().splitlines() == ["", *map(str, range(1, world.classes))]
    genres = world.folder / "movie_genre_vocab.txt"
    assert (tmp_path / "out" / "movie_genre_vocab.txt").read_bytes() == genres.read_bytes()


def test_smaller_files_and_other_names(world: World, tmp_path: Path) -> None:
    spec = world.input_spec("BOW")
    model, (test, _) = create(world, spec, do_train=False), world.load("test", spec).split(0.1)
    sizes = {}
    for quantization in (None, QuantizationConfig.for_float16(), QuantizationConfig.for_dynamic()):
        name = f"{quantization.variant if quantization else 'float32'}.tflite"
        model.export(tmp_path, name, export_format=ExportFormat.TFLITE, quantization_config=quantization)
        content = (tmp_path / name).read_bytes()
        sizes[name] = len(content)
        check_answers(model, Interpreter(model_content=content).get_signature_runner(), test, world.movies, 0.02)
    if world.classes > 1000:
        assert sizes["float16.tflite"] < 0.6 * sizes["float32.tflite"]
        assert sizes["int8.tflite"] < 0.75 * sizes["float32.tflite"]
    model.export(tmp_path / "b", "a.tflite", "l", "v", "s", export_format=("SAVED_MODEL", ExportFormat.LABEL, "vocab"))
    written = sorted(path.name for path in (tmp_path / "b").iterdir())
    assert written == ["l", "movie_genre_vocab.txt", "s", "v"]
