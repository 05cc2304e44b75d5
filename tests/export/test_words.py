"""A plugin's feature of several codes a value, the words of a title: from training to what the bundle recommends."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest

import recframe
from recframe.errors import ExportError
from recframe.plugin import manager
from recframe.runs.training import train
from recframe.runtime import Bundle
from recframe.spec.experiment import FeatureSpec

TITLES = [
    f"{colour} {thing} ({1990 + n})" for n, colour in enumerate("red blue Red".split()) for thing in "cat dog".split()
]
STATISTICS = {"split_at": [ord(letter) for letter in " ()"]}


def encode(options: Any, values: recframe.FeatureValues) -> recframe.EncodedFeature:
    lists = [recframe.words_of(text, STATISTICS) for text in recframe.texts_of(values.values)]
    counts: Counter[str] = Counter()
    for words, count in zip(lists, values.counts.tolist(), strict=True):
        counts.update(dict.fromkeys(words, count))
    vocabulary = ("", *sorted(counts, key=lambda word: (-counts[word], word))[:6])
    ids = {word: index for index, word in enumerate(vocabulary) if index}
    codes = np.zeros((len(lists), max(map(len, lists))), np.int32)
    for row, words in zip(codes, lists, strict=True):
        known = [ids[word] for word in words if word in ids]
        row[: len(known)] = known
    return recframe.EncodedFeature(codes, vocabulary, STATISTICS)


def lower(options: Any, values: recframe.FeatureValues) -> recframe.EncodedFeature:
    """As `encode`, of the words in lower case, which apps do not make."""
    return encode(options, attrs.evolve(values, values=np.char.lower(values.values)))


def build(options: Any, context: recframe.FeatureContext) -> Any:
    import keras
    import tensorflow as tf

    class Bag(keras.layers.Layer):  # type: ignore[misc]
        def build(self, shape: Any) -> None:
            self.table = self.add_weight(shape=(context.size, context.width), name="words")

        def call(self, ids: Any) -> Any:
            kept = tf.cast(ids > 0, tf.float32)[..., None]
            return tf.reduce_sum(tf.gather(self.table, ids) * kept, axis=2)

    return Bag()


def trained(encode: Any) -> recframe.Run:
    class Plugin:
        @recframe.hookimpl
        def recframe_feature_types(self) -> Iterator[recframe.FeatureType]:
            yield recframe.FeatureType("words", summary="Words.", encode=encode, build=build)

    rng = np.random.default_rng(0)
    items = {"id": np.array([f"i{n}" for n in range(len(TITLES))]), "title": np.array(TITLES)}
    data = recframe.Interactions.from_columns(
        rng.integers(0, 30, 300), rng.integers(0, len(TITLES), 300), 1_500_000_000 + rng.permutation(300) * 60, items
    )
    registries = manager.load([("recframe-words", Plugin())], allowed="", strict=True).registries
    spec = recframe.compose(
        [
            "groups.history.features.item.type=string",
            "train.epochs=1",
            "model.width=8",
            "model.history_length=5",
            "model.num_predictions=3",
        ]
    )
    group = spec.groups["history"]
    features = {**group.features, "title": FeatureSpec("words", recframe.NoOptions(), source="title")}
    spec = attrs.evolve(spec, groups={"history": attrs.evolve(group, features=features)})
    return train(spec, registries, data=data)


@pytest.mark.slow
def test_the_words_of_a_title_reach_the_bundle(tmp_path: Path) -> None:
    run = trained(encode)
    folder = run.export(tmp_path / "bundle")
    manifest = json.loads((folder / "manifest.json").read_text())
    (title,) = (entry for entry in manifest["inputs"] if entry["name"] == "title")
    assert (title["values"], title["shape"], title["statistics"]) == ("pooled", [1, 5, 3], STATISTICS)
    vocabulary = (folder / "vocab" / "title.txt").read_text().split("\n")
    # Plain splitting, which shares no code with ours.
    words = [text.replace("(", " ").replace(")", " ").split() for text in TITLES]
    wanted = [[vocabulary.index(word) for word in row if word in vocabulary[1:-1]] for row in words]
    codes = run.data.features["title"].codes
    assert [row[row > 0].tolist() for row in codes[:-1]] == wanted
    assert any(len(row) < 3 for row in wanted)  # some words are not in the vocabulary
    history = ["i0", "i3", "i4"]
    answers = Bundle(folder).recommend(history=history, k=3)
    assert [item.id for item in answers] == [item for item, _ in run.recommend(history, k=3)]


@pytest.mark.slow
def test_words_that_apps_do_not_make_are_refused(tmp_path: Path) -> None:
    run = trained(lower)
    with pytest.raises(ExportError, match=r"^feature 'title' of type `words` \(recframe-words 0\): .* in apps"):
        run.export(tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()
