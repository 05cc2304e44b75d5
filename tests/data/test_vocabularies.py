"""Ids of an earlier run: its folder keeps them as text, and a run on more data keeps them too."""

from __future__ import annotations

import functools
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import recframe
from recframe.data.prepare import PreparedData, prepare
from recframe.data.splits import TRAIN
from recframe.data.vocabularies import Vocabularies
from recframe.errors import DataError, SpecError
from recframe.interactions.interactions import Interactions
from recframe.plugin.registry import Registries
from recframe.runs.earlier_runs import vocabularies_from
from recframe.runtime.encoding import bucket_ids, scaled

TAGS = ["a", "b", "c", "d", "e", "f"]


def _interactions(seed: int, items: list[int], tags: int, events: int = 60) -> Interactions:
    """Items with brand, price and tags, of which the first has one at least; every user has some of the items."""
    rng = np.random.default_rng(seed)
    lists = np.empty(len(items), object)
    lists[:] = [list(rng.permutation(TAGS[:tags])[: rng.integers(item == items[0], 4)]) for item in items]
    table = {
        "id": np.array(items),
        "tags": lists,
        "brand": np.array([f"brand {i}" for i in rng.integers(0, tags, len(items))]),
        "price": rng.normal(10, 5, len(items)),
    }
    users, times = rng.integers(0, 6, events), rng.integers(0, 10_000, events)
    return Interactions.from_columns(users, rng.integers(0, len(items), events), times, table)


@functools.cache
def _spec(features: str, *more: str) -> tuple[recframe.ExperimentSpec, Registries]:
    groups = f"groups={{history:{{features:{{{features}}}}}}}"
    spec = recframe.compose(["~groups.history.features.item", groups, "model.history_length=4", *more])
    return spec, recframe.load_plugins()


def _prepared(data: Interactions, features: str, old: Vocabularies | None = None, *more: str) -> PreparedData:
    return prepare(*_spec(features, *more), data, old)


def _counts(prepared: PreparedData, column: str) -> Counter[str]:
    data, counts = prepared.interactions, Counter[str]()
    for event in np.flatnonzero(prepared.split.parts == TRAIN):
        cell = data.items[column][data.item[event]]
        counts.update(cell if isinstance(cell, list) else [str(cell)])
    return counts


CATALOGUES = st.lists(st.integers(1, 20), min_size=2, max_size=8, unique=True)


@given(st.integers(0, 999), CATALOGUES, CATALOGUES, st.integers(0, 3), st.sampled_from(["null", "4"]))
@settings(deadline=None, max_examples=40)
def test_old_ids_stay_and_new_ones_come_by_falling_count(
    seed: int, before: list[int], after: list[int], buckets: int, limit: str
) -> None:
    options = f"hash_buckets:{buckets},max_vocabulary:{limit}"
    features = f"item:{{type:int}},tag:{{type:strings,source:tags,{options}}},brand:{{type:string,source:brand}}"
    old = _prepared(_interactions(seed, before, tags=3), features)
    data = _interactions(seed + 1, after, tags=6)
    new = _prepared(data, features, old.vocabularies)

    first, labels = len(old.label_vocabulary), new.label_vocabulary
    assert labels[:first] == old.label_vocabulary
    counts = _counts(new, "id")
    added = [str(item) for item in after if item not in before]
    assert list(labels[first:]) == sorted(added, key=lambda text: (-counts[text], added.index(text)))
    assert [labels[label] for label in new.labels] == [str(data.items["id"][item]) for item in data.item]
    assert new.known.tolist() == [text in map(str, after) for text in labels]
    assert new.label_counts.tolist() == [counts[text] for text in labels]
    assert new.features["item"].vocabulary == labels
    assert new.catalogue().item_features == ["item"]
    np.testing.assert_array_equal(new.features["item"].codes[:-1], new.labels)  # type: ignore[union-attr]

    for name, column in (("tag", "tags"), ("brand", "brand")):
        was, now = old.features[name].vocabulary or (), new.features[name].vocabulary or ()
        hashed = buckets if name == "tag" else 0
        was, others = was[: len(was) - hashed], now[len(now) - hashed :]
        now = now[: len(now) - hashed]
        assert now[: len(was)] == was
        assert others == tuple(f"<other {i}>" for i in range(hashed))
        counts = _counts(new, column)
        fresh = list(now[len(was) :])
        assert fresh == sorted(fresh, key=lambda text: (-counts[text], text))
        if name == "tag" and limit != "null":
            assert len(now) - 1 <= max(int(limit), len(was) - 1)
        elif fresh or column == "brand":
            assert set(now) >= set(data.items[column]) if column == "brand" else set(counts) <= set(now)
    codes = new.features["tag"].codes
    now = (new.features["tag"].vocabulary or ())[: len(new.features["tag"].vocabulary or ()) - buckets]
    for row, values in enumerate(data.items["tags"]):
        for place, tag in enumerate(values):
            outside = len(now) + zlib.crc32(tag.encode()) % buckets if buckets else 0
            assert codes[row, place] == (now.index(tag) if tag in now else outside)


@given(st.integers(0, 999), CATALOGUES, CATALOGUES)
@settings(deadline=None, max_examples=15)
def test_going_on_from_its_own_ids_changes_nothing(seed: int, before: list[int], after: list[int]) -> None:
    features = (
        "item:{type:int},tag:{type:strings,source:tags,hash_buckets:2,max_vocabulary:3},p:{type:buckets,source:price}"
    )
    old = _prepared(_interactions(seed, before, tags=3), features)
    data = _interactions(seed + 1, after, tags=6)
    for vocabularies in (None, old.vocabularies):
        once = _prepared(data, features, vocabularies)
        again = _prepared(data, features, once.vocabularies)
        assert again.label_vocabulary == once.label_vocabulary
        np.testing.assert_array_equal(again.labels, once.labels)
        for name, feature in once.features.items():
            assert again.features[name].vocabulary == feature.vocabulary
            assert again.features[name].statistics == feature.statistics
            np.testing.assert_array_equal(again.features[name].codes, feature.codes)


def test_numbers_and_buckets_mean_what_they_meant() -> None:
    features = "n:{type:float,source:price,scale:log},b:{type:buckets,source:price,buckets:3}"
    old = _prepared(_interactions(1, [1, 2, 3, 4], tags=3), features)
    data = _interactions(2, [3, 4, 5, 6, 7], tags=3)
    data.items["price"][:] *= 100
    new = _prepared(data, features, old.vocabularies)
    prices = data.items["price"][data.item]
    for name, encode in (("n", scaled), ("b", bucket_ids)):
        assert new.features[name].statistics == old.features[name].statistics
        assert new.features[name].vocabulary == old.features[name].vocabulary
        expected = encode(prices, old.features[name].statistics)
        np.testing.assert_array_equal(new.features[name].codes[:-1], expected)  # type: ignore[arg-type]
    fresh = _prepared(data, features)
    assert fresh.features["b"].statistics != new.features["b"].statistics


def test_what_the_earlier_run_had_otherwise_is_told_and_the_items_still_share_their_table() -> None:
    old = _prepared(_interactions(1, [1, 2, 3], tags=3), "item:{type:int,min_count:3},b:{type:string,source:brand}")
    data = _interactions(2, [9, 3, 2, 1], tags=4)
    features = "item:{type:string},b:{type:int,source:price},tag:{type:strings,source:tags}"
    data.items["price"] = data.items["price"].astype(int)  # type: ignore[index]
    new = _prepared(data, features, old.vocabularies)
    assert new.features["item"].vocabulary == new.label_vocabulary
    np.testing.assert_array_equal(new.features["item"].codes[:-1], new.labels)  # type: ignore[union-attr]
    notes = "\n".join(new.notes)
    assert "item ids: 3 kept, 1 appended" in notes
    assert "feature 'b': the earlier run declared it differently" in notes
    assert "feature 'tag': the earlier run had no such feature" in notes


def test_items_that_are_gone_keep_their_ids_and_are_counted() -> None:
    old = _prepared(_interactions(1, [1, 2, 3], tags=3), "item:{type:int}")
    new = _prepared(_interactions(2, [2, 3, 4], tags=3), "item:{type:int}", old.vocabularies)
    assert new.label_items[new.label_vocabulary.index("1")] == -1
    assert "item ids: 3 kept (1 of them have no item now), 1 appended" in new.notes


def test_declared_ids_are_not_bent() -> None:
    old = _prepared(_interactions(1, [1, 2, 3], tags=3), "item:{type:int}")
    swapped = Vocabularies(("", "3", "2", "1"), old.features)
    with pytest.raises(SpecError, match=r"label\.vocab_size.*vocabulary_from"):
        _prepared(_interactions(1, [1, 2, 3], tags=3), "item:{type:int}", swapped, "label.vocab_size=5")
    grown = _prepared(
        _interactions(1, [1, 2, 7], tags=3),
        "item:{type:int,vocab_size:9}",
        Vocabularies(("", "1", "2"), {}),
        "label.vocab_size=9",
    )
    assert grown.label_vocabulary == ("", *map(str, range(1, 9)))


def _written(folder: Path) -> PreparedData:
    made = _prepared(
        _interactions(1, [1, 2, 3], tags=3),
        "item:{type:int},tag:{type:strings,source:tags,hash_buckets:2},b:{type:buckets,source:price},"
        "n:{type:float,source:price,scale:standard}",
    )
    made.vocabularies.write(folder)
    (folder / "config.yaml").write_text("")
    return made


def test_what_is_written_is_read(tmp_path: Path) -> None:
    made = _written(tmp_path)
    made.vocabularies.write(tmp_path)  # again, in its place
    read_back = Vocabularies.read(tmp_path)
    assert read_back.labels == made.label_vocabulary
    assert (tmp_path / "vocab" / "label.txt").read_text().splitlines() == list(made.label_vocabulary)
    assert {path.name for path in tmp_path.iterdir()} == {"vocab", "config.yaml"}
    for name, feature in made.features.items():
        for field in ("dtype", "vocabulary", "length", "flattened", "values", "statistics", "size", "shape"):
            assert getattr(read_back.features[name], field) == getattr(feature, field), (name, field)
        kept = read_back.features[name].spec
        assert (kept.type, kept.source) == (feature.spec.type, feature.spec.source)


def _remove_lines(run: Path) -> None:
    (run / "vocab" / "tag.txt").unlink()


def _break_json(run: Path) -> None:
    (run / "vocab" / "features.json").write_text("{")


def _remove_vocab(run: Path) -> None:
    (run / "vocab" / "features.json").unlink()


def _remove_config(run: Path) -> None:
    (run / "config.yaml").unlink()


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (_remove_config, "not a run folder"),
        (_remove_vocab, "has no vocabularies"),
        (_break_json, r"features\.json: differs from what the run wrote"),
        (_remove_lines, "cannot be read.*tag.txt"),
    ],
    ids=["no run", "an older run", "broken json", "a missing file"],
)
def test_a_run_that_cannot_be_read_is_told(harm: Any, words: str, tmp_path: Path) -> None:
    _written(tmp_path)
    harm(tmp_path)
    with pytest.raises(SpecError, match=rf"dataset\.vocabulary_from: .*{words}"):
        vocabularies_from(_spec("item:{type:int}", f"dataset.vocabulary_from={tmp_path}")[0])


@pytest.mark.parametrize(
    ("name", "value", "words"), [("item", "a\nb", "line break"), ("label", "a", "rename the feature")]
)
def test_what_no_line_can_hold_is_refused_and_nothing_is_left(
    name: str, value: str, words: str, tmp_path: Path
) -> None:
    made = _prepared(_interactions(1, [1, 2, 3], tags=3), "item:{type:int}")
    feature = attrs.evolve(made.features["item"], vocabulary=("", value))
    with pytest.raises(DataError, match=words):
        Vocabularies(made.label_vocabulary, {name: feature}).write(tmp_path)
    assert not list(tmp_path.iterdir())
