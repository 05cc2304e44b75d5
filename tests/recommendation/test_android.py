"""`export_format='android'`: a model of this API, asked as the Android sample asks it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from recframe import recommendation
from recframe.config import ExportFormat, QuantizationConfig
from recframe.errors import ExportError
from recframe.evaluation.keras_scorer import KerasScorer
from recframe.recommendation import DataLoader
from recframe.recommendation.api_errors import ApiValueError
from tests.builtin.datasets.movielens_folder import write_movielens
from tests.builtin.exporters.android_app import App
from tests.recommendation.dat_layout import feature

MOVIES = feature("context_movie_id", "INT", 10, 130)
GENRES = feature("context_movie_genre", "STRING", 32, 12, "movie_genre_vocab.txt")
SIZES = {"max_context_length": 10, "max_context_movie_genre_length": 32}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_movielens(tmp_path_factory.mktemp("data") / "ml-1m", "1m", users=20, items=40)


def input_spec(groups: Sequence[Sequence[dict[str, Any]]], encoder: str = "BOW") -> Any:
    return recommendation.spec.InputSpec(
        activity_feature_groups=[dict(features=features, encoder_type=encoder) for features in groups],
        label_feature=feature("label_movie_id", "INT", 1, 130),
    )


def make_model(data: DataLoader, spec: Any) -> recommendation.Recommendation:
    """An untrained model, with weights so large that its answers do not hang on rounding."""
    hparams = recommendation.spec.ModelHParams([8], [1, 5], [2, 4], 4, 8, num_predictions=12)
    model = recommendation.create(data, recommendation.ModelSpec(spec, hparams), do_train=False)
    rng = np.random.default_rng(2)
    assert model.model is not None
    model.model.set_weights([weight + rng.normal(0, 0.4, weight.shape) for weight in model.model.get_weights()])
    return model


def keras_best(model: recommendation.Recommendation, columns: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Ids and scores of the best 12 movies of each history: the sigmoid of the dot product, padding left out."""
    assert model.model is not None
    assert model.catalogue is not None
    logits = KerasScorer(model.model, len(next(iter(columns.values()))))(columns).copy()
    logits[:, ~model.catalogue.known] = -np.inf
    ids = np.argsort(-logits, axis=1, kind="stable")[:, :12]
    return ids, 1 / (1 + np.exp(-np.take_along_axis(logits, ids, axis=1)))


@pytest.mark.parametrize(
    ("groups", "encoder"),
    [
        ([[MOVIES], [GENRES]], "BOW"),
        ([[GENRES], [MOVIES]], "CNN"),
        ([[MOVIES], [GENRES]], "LSTM"),
        ([[MOVIES]], "LSTM"),
    ],
    ids=["bow", "cnn-genres-first", "lstm", "lstm-movies-alone"],
)
def test_the_app_gets_what_keras_gives(data_dir: Path, tmp_path: Path, groups: Any, encoder: str) -> None:
    spec = input_spec(groups, encoder)
    data = DataLoader.from_movielens(data_dir, "train", spec, tmp_path / "examples", **SIZES)
    model = make_model(data, spec)
    model.export(tmp_path / "out", export_format="android")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["android"]
    app, rows = App(tmp_path / "out" / "android"), np.arange(0, len(data), 7)
    columns = {name: values[rows] for name, values in data.columns.items()}
    ids, scores = keras_best(model, columns)
    sources = {"movieFeature": "context_movie_id", "genreFeature": "context_movie_genre"}
    for row in range(len(rows)):
        movies = columns["context_movie_id"][row]
        chosen = movies[movies > 0].tolist()
        for entry, array in zip(app.config["inputs"], app.inputs(chosen), strict=True):
            np.testing.assert_array_equal(array, columns[sources[entry["name"]]][row])
        answered, app_scores = app.answer(chosen)
        assert len(answered) == np.count_nonzero(model.catalogue.known)  # 12 and 100 more, or all there are
        np.testing.assert_array_equal(answered[:12], ids[row])
        np.testing.assert_allclose(app_scores[:12], scores[row], rtol=1e-4)
        assert set(answered.tolist()) <= set(app.movies)
        unseen = [id_ for id_ in ids[row].tolist() if id_ not in chosen][:10]
        assert app.results(chosen)[: len(unseen)] == unseen
        assert len(app.results(chosen)) == min(10, len(answered) - len(set(chosen)))
    listed = [(m["id"], m["title"], m["genres"], m["count"]) for m in app.movies.values()]
    assert listed == [(m["id"], m["title"], m["genres"], m["count"]) for m in data.vocab.values()]
    if len(groups) > 1:
        made = tmp_path / "examples" / "movie_genre_vocab.txt"
        assert (tmp_path / "out" / "android" / "movie_genre_vocab.txt").read_bytes() == made.read_bytes()


def test_float16_and_beside_other_formats(data_dir: Path, tmp_path: Path) -> None:
    spec = input_spec([[MOVIES], [GENRES]])
    data = DataLoader.from_movielens(data_dir, "train", spec, tmp_path / "examples", **SIZES)
    formats = [ExportFormat.TFLITE, "android", ExportFormat.VOCAB]
    for _ in range(2):  # the second replaces the first
        make_model(data, spec).export(
            tmp_path / "out", export_format=formats, quantization_config=QuantizationConfig.for_float16()
        )
        names = sorted(path.name for path in (tmp_path / "out").iterdir())
        assert names == ["android", "model.tflite", "movie_genre_vocab.txt", "vocab.txt"]
    file = "movie_genre_vocab.txt"
    assert (tmp_path / "out" / file).read_bytes() == (tmp_path / "examples" / file).read_bytes()
    App(tmp_path / "out" / "android").answer([1, 4])
    with pytest.raises(ApiValueError, match=r"choose another name than movie_genre_vocab\.txt"):
        make_model(data, spec).export(tmp_path / "more", vocab_filename=file, export_format=ExportFormat.VOCAB)


def test_what_the_app_cannot_feed_is_refused(data_dir: Path, tmp_path: Path) -> None:
    spec = input_spec([[MOVIES, feature("context_movie_rating", "FLOAT", 10)], [GENRES]])
    data = DataLoader.from_movielens(data_dir, "train", spec, tmp_path / "examples", **SIZES)
    with pytest.raises(ExportError, match="input 'context_movie_rating' has the source 'rating'"):
        make_model(data, spec).export(tmp_path / "out", export_format="android")
    assert not list((tmp_path / "out").iterdir())


def test_examples_without_items_have_no_genres_to_feed(data_dir: Path, tmp_path: Path) -> None:
    meta = DataLoader.generate_movielens_dataset(data_dir, tmp_path, **SIZES)
    spec = input_spec([[MOVIES], [GENRES]])
    bare = DataLoader.from_tfrecord(meta["train_file"], spec)
    with pytest.raises(ExportError, match="'context_movie_genre': its vocabulary has none of the items' genres"):
        make_model(bare, spec).export(tmp_path / "out", export_format="android")
    full, _ = DataLoader.from_tfrecord(meta["train_file"], spec, meta["vocab_file"]).split(0.5)
    make_model(full, spec).export(tmp_path / "out", export_format="android")


def test_a_table_with_genres_and_a_source_of_its_own(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    film = rng.integers(1, 30, 300)
    kinds = np.array(["Drama", "Comedy|War", "War|Drama|Noir"])
    frame = pl.DataFrame(
        {"user": np.repeat(np.arange(30), 10), "film": film, "timestamp": np.arange(300), "kind": kinds[film % 3]}
    )
    films = {**feature("film", "INT", 8, 40), "source": "item"}
    words = {**feature("kind", "STRING", 16, 9, "kinds.txt"), "source": "genres"}
    spec = recommendation.spec.InputSpec(
        activity_feature_groups=[dict(features=[films]), dict(features=[words])],
        label_feature=feature("next", "INT", 1, 40),
    )
    mapping = {"item": "film", "genres": "kind", "next": "film"}
    data, _ = DataLoader.from_dataframe(frame, spec, mapping).split(0.8)
    assert data.examples.vocabularies == {"kind": ("UNK", *data.examples.vocabularies["kind"][1:])}
    assert set(data.examples.vocabularies["kind"]) == {"UNK", "Drama", "Comedy", "War", "Noir"}
    model = make_model(data, spec)
    assert model.catalogue is not None
    assert model.catalogue.features["kind"].vocabulary == (*data.examples.vocabularies["kind"], "", "", "", "")
    np.testing.assert_array_equal(model.catalogue.counts, np.bincount(data.labels, minlength=40))
    model.export(tmp_path, export_format="android")
    app, movies = App(tmp_path / "android"), data.columns["film"][20]
    for entry, array in zip(app.config["inputs"], app.inputs(movies[movies > 0].tolist()), strict=True):
        name = {"movieFeature": "film", "genreFeature": "kind"}[entry["name"]]
        np.testing.assert_array_equal(array, data.columns[name][20])
