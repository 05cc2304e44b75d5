"""An export is refused where apps would read other values than training did."""

from __future__ import annotations

import re
from pathlib import Path

import attrs
import keras
import numpy as np
import polars as pl
import pytest

import recframe
from recframe.builtin.datasets.tabular import from_table
from recframe.builtin.features.category import CategoryOptions, build_embedding
from recframe.data.prepare import PreparedData, prepare
from recframe.errors import ExportError
from recframe.export.checks.asking import recommender_of
from recframe.export.checks.same_codes import require_same_codes
from recframe.export.graph.serving import ServingModule
from recframe.export.histories.raw_histories import encoded_histories, encoded_values
from recframe.interactions.interactions import Interactions
from recframe.model.dual_encoder import build_model
from recframe.model.trained_model import TrainedModel
from recframe.plugin.registry import Registries
from recframe.plugin.types import DatasetContext, EncodedFeature, FeatureType, FeatureValues, NoOptions
from recframe.spec.experiment import ExperimentSpec

WORDS = ["Apple", "apple", "Pear", "PEAR", "fig"]
FEATURES = "groups.history.features"
SIZES = ["dataset.users=40", "dataset.items=30", "dataset.events_per_user=9", "model.width=8", "model.history_length=5"]


def _table(rows: int = 20) -> Interactions:
    """Words of five spellings, and a narrow float whose wide form has other digits."""
    columns = {
        "user": [user for user in range(rows) for _ in range(6)],
        "item": [(user * 3 + step) % 11 for user in range(rows) for step in range(6)],
        "timestamp": [1_600_000_000 + 5_000 * step + user for user in range(rows) for step in range(6)],
        "word": [WORDS[(user + step) % len(WORDS)] for user in range(rows) for step in range(6)],
        "price": pl.Series([0.1 * (user % 7 + step) for user in range(rows) for step in range(6)], dtype=pl.Float32),
    }
    return from_table(pl.DataFrame(columns))


def _compare(spec: ExperimentSpec, registries: Registries, data: PreparedData) -> None:
    model = build_model(spec, registries, data.features, data.num_labels, data.label_counts)
    module = ServingModule(spec, data.catalogue(), model)
    trained = TrainedModel(spec, registries, data.catalogue(), model)
    recommender = recommender_of(spec, data.catalogue(), module, dict, None, "the test")
    for compared in (encoded_values(data), encoded_histories(data)):
        assert len(compared.raw)
        require_same_codes(trained, recommender, compared)


def _feature(encode: object) -> FeatureType:
    return FeatureType("word", summary="A word.", options=CategoryOptions, encode=encode, build=build_embedding)


def _lower(options: CategoryOptions, values: FeatureValues) -> EncodedFeature:
    """Codes of the words in lower case, which the vocabulary has alone: apps look the words up as they are."""
    lower = np.char.lower(values.values)
    words = sorted(set(lower.tolist()))
    return EncodedFeature(np.array([1 + words.index(word) for word in lower], np.int32), ("", *words))


def _length(options: NoOptions, values: FeatureValues) -> EncodedFeature:
    """Numbers of what is no number to apps."""
    return EncodedFeature(np.char.str_len(values.values).astype(np.float32), None)


def _as_is(options: CategoryOptions, values: FeatureValues) -> EncodedFeature:
    words = sorted(values.values.tolist())
    return EncodedFeature(np.arange(1, 1 + len(words), dtype=np.int32), ("", *words))


def _with_word_type(kind: FeatureType) -> None:
    registries = recframe.load_plugins().extended([kind], "recframe-words 1.0")
    spec = recframe.compose(
        [
            *SIZES[3:],
            f"{FEATURES}.item.type=string",
            f"{FEATURES}.spelled.type=string",
            f"{FEATURES}.spelled.source=word",
        ]
    )
    group = spec.groups["history"]
    spelled = attrs.evolve(group.features["spelled"], type=kind.name, options=kind.options())
    groups = {"history": attrs.evolve(group, features={**group.features, "spelled": spelled})}
    spec = attrs.evolve(spec, groups=groups)
    _compare(spec, registries, prepare(spec, registries, _table()))


def test_a_type_whose_codes_apps_do_not_make_is_refused() -> None:
    with pytest.raises(ExportError) as caught:
        _with_word_type(_feature(_lower))
    start = r"feature 'spelled' of type `word` \(recframe-words 1\.0\): "
    parts = re.match(rf"{start}the value '(\w+)' is (\d) in training and (\d) in apps", str(caught.value))
    assert parts
    value, trained, read = parts.groups()
    assert value in ("Apple", "Pear", "PEAR")  # those that are not in lower case
    assert (trained, read) == (str(1 + ["apple", "fig", "pear"].index(value.lower())), "0")


def test_a_type_whose_values_apps_cannot_read_is_refused() -> None:
    kind = FeatureType(
        "letters",
        summary="How many.",
        options=NoOptions,
        dtype="float32",
        encode=_length,
        build=lambda options, context: keras.layers.Reshape((-1, 1)),
    )
    with pytest.raises(
        ExportError,
        match=r"^feature 'spelled' of type `letters` \(recframe-words 1\.0\): apps cannot read .* '.*' is not a fin",
    ):
        _with_word_type(kind)


def test_a_type_that_apps_read_alike_is_exported() -> None:
    _with_word_type(_feature(_as_is))


@pytest.mark.parametrize(
    "overrides",
    [
        ["item.hash_buckets=5", "item.max_vocabulary=6"],
        ["price.type=float", "price.scale=standard"],
        ["price.type=float", "price.scale=log"],
        ["price.type=string"],
        ["hour.type=int", "gap.type=float", "gap.source=time_since_previous", "gap.scale=log"],
    ],
    ids=["hashes", "scaled", "log", "narrow floats as text", "times"],
)
def test_the_built_in_types_are_read_alike(overrides: list[str]) -> None:
    features = [f"{FEATURES}.{override}" for override in ("item.type=string", *overrides)]
    spec, registries = recframe.compose([*SIZES[3:], *features]), recframe.load_plugins()
    _compare(spec, registries, prepare(spec, registries, _table()))


@pytest.mark.parametrize(
    "overrides", [["genres.type=strings"], ["genres.type=string", "genres.length=8", "item.length=8"]]
)
def test_lists_of_the_items_are_read_alike(overrides: list[str]) -> None:
    spec, registries = recframe.compose([*SIZES, *(f"{FEATURES}.{one}" for one in overrides)]), recframe.load_plugins()
    load = registries.datasets[spec.dataset.type].load
    _compare(spec, registries, prepare(spec, registries, load(spec.dataset.options, DatasetContext(1, Path()))))
