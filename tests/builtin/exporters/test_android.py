"""The exporter `android`: the app's own preprocessing gives what Keras gives; what the app cannot feed is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
import tensorflow as tf

import recframe
from recframe import Run, train
from recframe.builtin.exporters import android_places
from recframe.data.sequences import histories as gathered
from recframe.data.splits import TEST
from recframe.errors import ExportError
from recframe.evaluation.keras_scorer import KerasScorer
from recframe.export.checks.parity import expected_answers
from recframe.plugin.exporting import ExportContext, ExportedFile
from recframe.runtime import Bundle
from recframe.runtime.bundle import BundleError
from recframe.spec.experiment import Component
from recframe.testing.tiny_model import ITEMS_ALONE, tiny_export
from tests.builtin.exporters.android_app import App

#: The groups' and the features' names are not in order, the lengths differ, and some genres are unknown.
TWO_GROUPS = (
    "groups={watched:{features:{zz:{type:int,source:item}}},"
    "kinds:{encoder:{type:bow},features:{aa:{type:string,source:genres,length:14,max_vocabulary:4}}}}"
)
ITEM = "item:{type:int,source:item}"


def export(folder: Path, features: str = ITEMS_ALONE, **changes: Any) -> tuple[ExportContext, ExportedFile]:
    """Export a tiny model of these features; `changes` are made to the context, `top_k` is an option."""
    kind = recframe.load_plugins().exporters["android"]
    options = kind.options(top_k=changes.pop("top_k", None))
    context = attrs.evolve(tiny_export(folder, Component("android", options), features), **changes)
    (exported,) = kind.export(options, context)
    return context, exported


def keras_answers(context: ExportContext, inputs: dict[str, list[int]]) -> list[int]:
    """The ids that the trained model gives to one history, right-padded."""
    features = context.catalogue.features
    rows = {name: np.array([(ids + [0] * 99)[: features[name].length]], np.int32) for name, ids in inputs.items()}
    scores = np.asarray(context.module.trained_scores({name: tf.constant(row) for name, row in rows.items()}))
    best_ids: list[int] = expected_answers(context.spec, context.catalogue, scores, rows).ids[0].tolist()
    return best_ids


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    small = ["dataset.users=60", "dataset.items=50", "dataset.events_per_user=12", "model.history_length=7"]
    more = ["train.epochs=2", "encoder=lstm", "exporters=[android,tflite]", "~groups.history", TWO_GROUPS]
    made = train(recframe.compose([*small, *more]), tmp_path_factory.mktemp("run"))
    made.export()
    return made


def bundle_of(run: Run) -> Path:
    assert run.folder is not None
    return run.folder / "export"


def test_the_app_gets_what_the_trained_model_gives(run: Run) -> None:
    app, histories = App(bundle_of(run) / "android"), gathered(run.data, run.data.targets(TEST)[:40])
    scores = KerasScorer(run.model, len(histories["zz"]))(histories)
    expected = expected_answers(run.spec, run.data.catalogue(), scores, histories)
    names = ["zz" if entry["name"] == "movieFeature" else "aa" for entry in app.config["inputs"]]
    assert sorted(names) == ["aa", "zz"]
    for row, movies in enumerate(histories["zz"]):
        chosen = movies[movies > 0].tolist()
        for name, array in zip(names, app.inputs(chosen), strict=True):
            np.testing.assert_array_equal(array, histories[name][row])
        ids, app_scores = app.answer(chosen)
        count = len(expected.ids[row])
        assert len(ids) == min(count + 100, run.data.num_items)
        np.testing.assert_array_equal(ids[:count], expected.ids[row])
        np.testing.assert_allclose(app_scores[:count], expected.scores[row], rtol=1e-3, atol=1e-4)
        assert set(ids.tolist()) <= {0, *app.movies}  # 0 where fewer are left
        assert app.results(chosen) == ids[:count].tolist()  # what the model reads of the history is left out already
    words = list(app.genre_ids)
    assert words[0] == "UNK"
    assert len(words) == 1 + 4 + 1  # and the empty text after the last line
    assert any(genre not in app.genre_ids for movie in app.movies.values() for genre in movie["genres"])


def test_the_lists(run: Run) -> None:
    assets = bundle_of(run) / "android"
    movies = json.loads((assets / "sorted_movie_vocab.json").read_text(encoding="utf-8"))
    items = run.data.interactions.items
    assert len(movies) == run.data.num_items
    counts = [movie["count"] for movie in movies]
    assert counts == sorted(counts, reverse=True)
    for movie in movies:
        row = run.data.label_items[movie["id"]]
        assert movie["count"] == run.data.label_counts[movie["id"]]
        assert movie["title"] == items["title"][row]
        assert movie["genres"] == items["genres"][row]
        assert movie.get("raw_id", str(movie["id"])) == str(items["id"][row])


def test_the_bundle_knows_it_and_the_runtime_takes_the_other_model(run: Run) -> None:
    bundle = bundle_of(run)
    manifest = json.loads((bundle / "manifest.json").read_text())
    assert {"android/config.json", "android/model.tflite"} <= set(manifest["files"])
    assert [model["name"] for model in manifest["models"]] == ["android/float32", "tflite/float32"]
    assert Bundle(bundle).recommend([run.data.label_vocabulary[3]])


def test_alone_it_is_no_bundle_for_the_runtime(run: Run, tmp_path: Path) -> None:
    alone = attrs.evolve(run.spec, exporters=run.spec.exporters[:1])
    folder = Run(alone, run.registries, run.data, run.model, None).export(tmp_path / "export")
    with pytest.raises(BundleError, match="exporters="):
        Bundle(folder)


def test_items_alone_need_no_genres(tmp_path: Path) -> None:
    context, exported = export(tmp_path, ITEM)
    assert exported.name == "android/float32"
    assert exported.figures["overlap"] == 1.0
    app = App(tmp_path / "android")
    assert app.config["inputs"] == [{"name": "movieFeature", "index": 0, "inputLength": 6}]
    assert app.config["genreList"] is None
    assert sorted(path.name for path in (tmp_path / "android").iterdir()) == [
        "config.json",
        "model.tflite",
        "sorted_movie_vocab.json",
    ]
    assert app.answer([5, 2])[0].tolist()[:5] == keras_answers(context, {"item": [5, 2]})


def test_of_too_many_movies_the_app_keeps_the_first(tmp_path: Path) -> None:
    context, _ = export(tmp_path)
    app, chosen = App(tmp_path / "android"), [3, 1, 4, 15, 9, 2, 6, 5]
    genres = [app.genre_ids[genre] for id_ in chosen for genre in app.movies[id_]["genres"]]
    assert app.answer(chosen)[0].tolist()[:5] == keras_answers(context, {"item": chosen, "genres": genres})


def test_an_item_may_be_read_twice_and_with_two_lengths(tmp_path: Path) -> None:
    context, _ = export(tmp_path, ITEM + ",other:{type:int,source:item,length:6}")
    app = App(tmp_path / "android")
    assert [entry["name"] for entry in app.config["inputs"]] == ["movieFeature", "movieFeature"]
    assert app.answer([7, 1])[0].tolist()[:5] == keras_answers(context, {"item": [7, 1], "other": [7, 1]})


@pytest.mark.parametrize("variant", ["float16", "int8"])
def test_the_first_variant_is_written(tmp_path: Path, variant: str) -> None:
    options = recframe.load_plugins().exporters["android"].options()
    made = tiny_export(tmp_path, Component("android", options), ITEMS_ALONE).spec
    _, exported = export(tmp_path, spec=attrs.evolve(made, export=attrs.evolve(made.export, variants=(variant,))))
    assert exported.name == f"android/{variant}"
    assert exported.details["quantization"] == variant
    assert set(App(tmp_path / "android").answer([1, 2])[0].tolist()) == {*range(26)} - {1, 2}


@pytest.mark.parametrize(("top_k", "shown"), [(None, 5), (3, 3), (5, 5)])
def test_top_k(tmp_path: Path, top_k: int | None, shown: int) -> None:
    export(tmp_path, ITEM, top_k=top_k)
    config = App(tmp_path / "android").config
    assert (config["topK"], config["outputLength"], config["favoriteListSize"]) == (shown, 25, 100)


def test_too_large_a_top_k_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"top_k 6 is more than the 5 of model\.num_predictions"):
        export(tmp_path, ITEM, top_k=6)


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (f"{ITEM},stars:{{type:float,source:rating}}", r"input 'stars' has the source 'rating'.*train a model without"),
        (f"{ITEM},made:{{type:int,source:year}}", "input 'made' has the source 'year'"),
        (f"{ITEM},kind:{{type:string,source:genre}}", "input 'kind' has the source 'genre', .*or correct its source"),
        ("item:{type:float,source:item}", "'item' reads the source 'item' as float32 numbers, not as ids"),
        (
            "item:{type:int,source:item,vocab_size:26}",
            "'item': the app passes label ids, but the input has another vocabulary",
        ),
        (
            "one:{type:string,source:genres,length:6},two:{type:string,source:genres,length:6,max_vocabulary:2}",
            "inputs one, two: the app has one list of genres",
        ),
    ],
)
def test_what_the_app_cannot_feed_is_refused(tmp_path: Path, features: str, message: str) -> None:
    with pytest.raises(ExportError, match=message):
        export(tmp_path, features)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("scope", "what"), [("user", "the user"), ("now", "the moment of asking")])
def test_features_that_are_not_of_the_history_are_refused(tmp_path: Path, scope: str, what: str) -> None:
    spec = tiny_export(tmp_path, Component("android", None), ITEM).spec
    groups = {name: attrs.evolve(group, scope=scope) for name, group in spec.groups.items()}
    with pytest.raises(ExportError, match=rf"input 'item' describes {what} \(group 'history'\)"):
        export(tmp_path, ITEM, spec=attrs.evolve(spec, groups=groups))


def test_genres_that_the_items_lack_are_refused(tmp_path: Path) -> None:
    catalogue = tiny_export(tmp_path, Component("android", None), ITEMS_ALONE).catalogue
    with pytest.raises(ExportError, match="'genres': its vocabulary has none of the items' genres"):
        export(tmp_path, catalogue=attrs.evolve(catalogue, shown={"title": catalogue.shown["title"]}))


def test_genres_may_be_text_with_bars(tmp_path: Path) -> None:
    catalogue = tiny_export(tmp_path, Component("android", None), ITEMS_ALONE).catalogue
    texts = [None if words is None else "|".join(words) for words in catalogue.shown["genres"]]
    # The held-out histories have lists as genres, and are of no use here.
    export(tmp_path, catalogue=attrs.evolve(catalogue, shown={"genres": texts}), held_out=None)
    app = App(tmp_path / "android")
    assert {id_: movie["genres"] for id_, movie in app.movies.items()} == {
        label: words for label, words in enumerate(catalogue.shown["genres"]) if words is not None
    }
    assert app.movies[1]["title"] == catalogue.labels[1]


def test_a_wrong_position_does_not_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = android_places.read_places

    def swapped(content: bytes) -> android_places.Places:
        places = real(content)
        return attrs.evolve(places, inputs={name: 1 - place for name, place in places.inputs.items()})

    monkeypatch.setattr(android_places, "read_places", swapped)
    with pytest.raises(ExportError, match="does not answer as the trained model does"):
        export(tmp_path)
    assert not list(tmp_path.iterdir())
