"""Code written for Model Maker, with its import line changed: what it gets, and what an app sees of the model."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from attrs import frozen

import recframe as rf
from recframe import model_spec, recommendation
from recframe.config import ExportFormat, QuantizationConfig
from recframe.errors import ExportError, RecframeError, SpecError
from recframe.export.flatbuffer import read_facts
from recframe.recommendation import DataLoader
from recframe.recommendation.training_data import LoaderExamples, examples_for
from recframe.training.loop import keras_scorer
from tests.datasets.movielens_folder import write_movielens
from tests.recommendation.dat_layout import feature, write_dat_layout

SIZES = {"max_context_length": 10, "max_context_movie_genre_length": 32}
NAMES = [
    "loss", "Global_Recall/Recall_1", "Global_Recall/Recall_5", "global_mean_rank",
    "Batch_Recall/Recall_1", "Batch_Recall/Recall_5", "batch_mean_rank",
]  # fmt: skip


@frozen
class World:
    """MovieLens in MovieLens-1M's layout, and its examples."""

    folder: Path
    classes: int
    movies: frozenset[int]

    def input_spec(self, encoder: str = "BOW", **group: Any) -> recommendation.spec.InputSpec:
        """Model Maker's sample: movies and ratings in one group, genres in another."""
        size = self.classes
        chosen = {"encoder_type": encoder} | group
        return recommendation.spec.InputSpec(
            activity_feature_groups=[
                dict(
                    features=[
                        feature("context_movie_id", "INT", 10, size),
                        feature("context_movie_rating", "FLOAT", 10),
                    ],
                    **chosen,
                ),
                dict(features=[feature("context_movie_genre", "STRING", 32, 30, "movie_genre_vocab.txt")], **chosen),
            ],
            label_feature=feature("label_movie_id", "INT", 1, size),
        )

    def load(self, tag: str, spec: Any) -> DataLoader:
        return DataLoader.from_movielens(self.folder, tag, spec, **SIZES)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """RECFRAME_TEST_DATA names a folder with ml-latest-small; a small made-up set stands in for it."""
    folder, real = tmp_path_factory.mktemp("data"), os.environ.get("RECFRAME_TEST_DATA")
    if real is None:
        warnings.warn("RECFRAME_TEST_DATA is not set: a small made-up set stands in for ml-latest-small", stacklevel=1)
    return make_world(Path(real, "ml-latest-small") if real else write_movielens(folder / "csv", "csv", 60, 40), folder)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("small")
    return make_world(write_movielens(folder / "csv", "csv", 40, 30), folder)


def make_world(source: Path, folder: Path) -> World:
    dat = write_dat_layout(source, folder / "ml-1m", renumber=True)
    meta = DataLoader.generate_movielens_dataset(dat, **SIZES)
    return World(dat, DataLoader.get_num_classes(meta), frozenset(DataLoader.load_vocab(meta["vocab_file"])))


@pytest.fixture(scope="module")
def trained(small: World) -> recommendation.Recommendation:
    return create(small)


def movies_alone(world: World, **group: Any) -> recommendation.spec.InputSpec:
    """The smallest model: what is quick to compile."""
    return recommendation.spec.InputSpec(
        activity_feature_groups=[dict(features=[feature("context_movie_id", "INT", 10, world.classes)], **group)],
        label_feature=feature("label_movie_id", "INT", 1, world.classes),
    )


def hparams(**changes: Any) -> recommendation.spec.ModelHParams:
    given: dict[str, Any] = dict(
        hidden_layer_dims=[32, 32], eval_top_k=[1, 5], conv_num_filter_ratios=[2, 4], conv_kernel_size=16,
        lstm_num_units=16, num_predictions=10,
    )  # fmt: skip
    return recommendation.spec.ModelHParams(**(given | changes))


def create(world: World, spec: Any = None, tag: str = "train", **arguments: Any) -> recommendation.Recommendation:
    """A model of a spec, by default one that is quick to train."""
    spec = spec if spec is not None else world.input_spec()
    given = {"steps_per_epoch": 5} | arguments
    sizes = given.pop("hparams", hparams())
    chosen = recommendation.ModelSpec(spec, sizes, **given.pop("options", {}))
    return recommendation.create(world.load(tag, spec), chosen, **given)


def score(model: recommendation.Recommendation, data: DataLoader) -> np.ndarray:
    """Keras's scores, those of ids that are no movie being minus infinity."""
    assert model.model is not None
    assert model.catalogue is not None
    data, scorer, parts = examples_for(model.experiment, data, "data"), keras_scorer(model.model, 512), []
    for at in range(0, len(data), 512):
        parts.append(scorer({name: values[at : at + 512] for name, values in data.columns.items()}))
    scores = np.concatenate(parts).astype(np.float64)
    scores[:, ~model.catalogue.known] = -np.inf
    return scores


def check_answers(
    model: recommendation.Recommendation, ask: Any, data: DataLoader, movies: Iterable[int], tolerance: float
) -> None:
    """What an app gets for 40 of the histories, against Keras's scores."""
    assert model.catalogue is not None
    with np.errstate(over="ignore"):
        expected = 1 / (1 + np.exp(-score(model, data)))
    for row in np.unique(np.linspace(0, len(data) - 1, 40).astype(int)):
        answer = ask(**{name: data.columns[name][row] for name in model.catalogue.features})
        ids, scores = np.asarray(answer["top_prediction_ids"]), np.asarray(answer["top_prediction_scores"])
        assert (ids.shape, ids.dtype, scores.shape, scores.dtype) == ((10,), np.int32, (10,), np.float32)
        assert ((scores > 0) & (scores < 1)).all()
        assert (np.diff(scores) <= 0).all()
        assert (ids > 0).all()
        assert len(set(ids.tolist())) == 10
        assert set(ids.tolist()) <= set(movies)
        # By score and not by place: two movies that are as good may change places.
        np.testing.assert_allclose(scores, np.sort(expected[row])[:-11:-1], atol=tolerance)
        np.testing.assert_allclose(scores, expected[row, ids], atol=tolerance)


def check_recalls(model: recommendation.Recommendation, found: Mapping[str, float], data: DataLoader) -> None:
    """Equal to Keras's, where the label's score is no other movie's too: ties are the lower id's in the exported model,
    and count against the label in `evaluate`.
    """
    assert list(found) == ["Global_Recall/Recall_1", "Global_Recall/Recall_5"]
    metrics, scores = model.evaluate(data).as_dict(), score(model, data)
    ids = np.argsort(-scores, axis=1, kind="stable")[:, :10]
    tied = (np.diff(np.take_along_axis(scores, ids, axis=1), axis=1) == 0).any(axis=1).mean()
    for k in (1, 5):
        name = f"Global_Recall/Recall_{k}"
        hits = (ids[:, :k] == data.labels[:, None]).any(axis=1)[data.labels > 0]
        # Scores that differ in the last bit may change places.
        assert found[name] == pytest.approx(hits.mean(), abs=2 / len(hits))
        assert metrics[name] == pytest.approx(found[name], abs=2 / len(hits) + tied)


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
    found = model.evaluate_tflite(os.path.join(folder, "model.tflite"), test_data)
    check_recalls(model, found, test_data)
    kept = [str(path.relative_to(tmp_path / "model")) for path in (tmp_path / "model").rglob("*") if path.is_file()]
    assert sorted(name.partition("/events.out")[0] for name in kept) == [
        "checkpoints/epoch-1.weights.h5",
        "checkpoints/epoch-2.weights.h5",
        "checkpoints/state.json",
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
    # The raw positions are those of Model Maker's last release too, for apps that count.
    assert [at["name"] for at in interpreter.get_input_details()] == [
        f"serving_default_context_movie_{name}:0" for name in ("genre", "rating", "id")
    ]
    assert [at["dtype"] for at in interpreter.get_output_details()] == [np.float32, np.int32]
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


def test_what_cannot_be_exported(trained: recommendation.Recommendation, tmp_path: Path) -> None:
    model = trained
    with pytest.raises(SpecError, match=r"for_int8: .* scores.* use for_dynamic\(\)"):
        QuantizationConfig.for_int8(None)
    for given, message in (
        (ExportFormat.TFJS, r"TFJS: a browser runs the \.tflite file itself"),
        (("TFLITE", "tfjs"), "TFJS: a browser"),
        ("tflyte", r"no 'tflyte'; did you mean 'tflite'\?"),
        ("ONNX", "no 'ONNX'"),
    ):
        with pytest.raises(ValueError, match=message) as caught:
            model.export(tmp_path / "x", export_format=given)
        assert isinstance(caught.value, RecframeError)
    with pytest.raises(ValueError, match=r"quantization_config is a str; it must be a recframe\.config"):
        model.export(tmp_path / "x", quantization_config="float16")  # type: ignore[arg-type]
    for name in ("", ".", "..", "a/b", "vocab.txt"):
        with pytest.raises(ValueError, match=r"must be the name of a file|two of the file names are equal"):
            model.export(tmp_path / "x", tflite_filename=name)
    with pytest.raises(TypeError, match="with_metadata"):
        model.export(tmp_path / "x", with_metadata=False)  # type: ignore[call-arg]
    assert not (tmp_path / "x").exists()


def test_an_exporter_of_a_plugin(
    trained: recommendation.Recommendation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @frozen
    class Options:
        """None."""

    def write(options: Options, context: Any) -> list[Any]:
        (context.folder / "list.csv").write_text(",".join(context.catalogue.features))
        return []

    model = trained
    exporter = rf.ExporterType("csv", summary="For the test.", options=Options, export=write)
    monkeypatch.setattr(model, "registries", model.registries.extended([exporter], "theirs 1.0"))
    model.export(tmp_path, export_format=["csv", ExportFormat.TFLITE])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["list.csv", "model.tflite"]
    assert (tmp_path / "list.csv").read_text() == "context_movie_id,context_movie_rating,context_movie_genre"
    with pytest.raises(ExportError, match="context_movie_rating"):
        model.export(tmp_path, export_format="android")


def test_an_export_that_answers_otherwise_leaves_what_was_there(
    trained: recommendation.Recommendation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from recframe.recommendation import exporting

    model = trained
    (tmp_path / "model.tflite").write_text("of before")

    def off(*given: Any) -> Any:
        answers = expected(*given)
        return type(answers)(answers.ids[:, ::-1], answers.scores + 1)

    expected = exporting.expected_answers
    monkeypatch.setattr(exporting, "expected_answers", off)
    with pytest.raises(ExportError, match="does not answer as the trained model does"):
        model.export(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["model.tflite"]
    assert (tmp_path / "model.tflite").read_text() == "of before"


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
    found = model.evaluate(test, batch_size).as_dict()
    assert found["global_mean_rank"] == pytest.approx(ranks.mean())
    assert found["Global_Recall/Recall_5"] == pytest.approx((ranks < 5).mean())
    keras_loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(test.labels - 1, scores[:, 1:])
    assert found["loss"] == pytest.approx(float(keras_loss), rel=1e-5)
    if batch_size == 1:
        assert found["Batch_Recall/Recall_1"] == 1
        assert found["batch_mean_rank"] == 0


def test_the_figures_of_model_makers_own_tests() -> None:
    """Three rows and labels, with the values worked out by hand: the mean rank is of each row's own label."""
    from recframe.recommendation.metrics import evaluate

    logits = np.array([[-9, 0.8, 0.1, 1.1, 0.3], [-9, 0.2, 0.7, 0.1, 0.5], [-9, 0.7, 0.4, 0.9, 0.2]], np.float32)
    rows = recommendation.DataLoader(
        tf.data.Dataset.from_tensor_slices(({"a": np.arange(3)[:, None]}, np.array([[3], [1], [2]]))), 3, {}
    )
    known = np.array([False, True, True, True, True])
    found = evaluate(lambda inputs: logits[inputs["a"][:, 0]], 3, rows, known, [1, 2], 3).as_dict()
    assert found["Global_Recall/Recall_1"] == pytest.approx(1 / 3)
    assert found["Global_Recall/Recall_2"] == pytest.approx(1 / 3)
    assert found["global_mean_rank"] == pytest.approx((0 + 2 + 2) / 3)
    assert found["Batch_Recall/Recall_2"] == pytest.approx(2 / 3)
    assert found["batch_mean_rank"] == pytest.approx((0 + 1 + 2) / 3)
    # Of two equal scores the label's is the worse; of an item that is none, no place is good.
    equal = evaluate(lambda inputs: np.zeros((3, 5), np.float32), 3, rows, known, [1, 2], 3).as_dict()
    assert equal["global_mean_rank"] == 3
    unknown = evaluate(lambda inputs: logits[inputs["a"][:, 0]], 3, rows, known & (np.arange(5) != 3), [1, 2], 3)
    assert unknown.as_dict()["Global_Recall/Recall_2"] == pytest.approx(1 / 3)  # the third row alone
    assert unknown["global_mean_rank"] == pytest.approx((3 + 2 + 1) / 3)


@pytest.mark.parametrize(("batch_size", "steps", "shuffle"), [(1, 3, False), (16, None, True)])
def test_epochs_and_steps(
    small: World, monkeypatch: pytest.MonkeyPatch, batch_size: int, steps: int | None, shuffle: bool
) -> None:
    seen: list[np.ndarray] = []
    batches = LoaderExamples.batches

    def watched(self: LoaderExamples, *given: Any) -> Any:
        for batch in batches(self, *given):
            seen.append(batch.labels[batch.weights > 0])
            yield batch

    monkeypatch.setattr(LoaderExamples, "batches", watched)
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


def own_dataset(small: World, **changes: Any) -> DataLoader:
    """A dataset as users make them: whole numbers where the spec says FLOAT, and features that no model reads."""
    test = small.load("test", small.input_spec())
    columns: dict[str, np.ndarray] = {name: values.astype(np.int64) for name, values in test.columns.items()}
    columns |= {"label_movie_id": test.labels[:, None].astype(np.int64), "more": np.zeros((len(test), 3))} | changes
    columns = {name: values for name, values in columns.items() if values is not None}
    label = columns["label_movie_id"]
    return DataLoader(tf.data.Dataset.from_tensor_slices((columns, label)), len(test), dict(test.vocab))


def test_a_dataset_of_ones_own(small: World, tmp_path: Path) -> None:
    chosen = recommendation.ModelSpec(small.input_spec(), hparams())
    data = own_dataset(small)
    model = recommendation.create(data, chosen, validation_data=data, batch_size=len(data) + 5, steps_per_epoch=5)
    model.export(tmp_path)
    check_recalls(model, model.evaluate_tflite(tmp_path / "model.tflite", data), data)
    runner = Interpreter(model_path=str(tmp_path / "model.tflite")).get_signature_runner()
    assert list(runner.get_input_details()) == ["context_movie_genre", "context_movie_id", "context_movie_rating"]


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
    ):
        with pytest.raises(ValueError, match=message) as caught:
            call()
        assert isinstance(caught.value, RecframeError)
    for name, given in (("learning_rate", 0.0), ("gradient_clip_norm", -1.0)):
        with pytest.raises(SpecError, match=f"{name}: .* is not allowed"):
            recommendation.create(data, chosen, **{name: given})
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
        with pytest.raises(ValueError, match="no LiteRT model that can be asked"):
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
