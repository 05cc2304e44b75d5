"""Features as a spec declares them, against plain loops over the events."""

from __future__ import annotations

import datetime
import functools
import zlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings, strategies as st

import recframe
from recframe.data.pieces import position_batches
from recframe.data.prepare import PreparedData, prepare
from recframe.data.sequences import histories, history_events
from recframe.data.splits import TEST, TRAIN
from recframe.errors import DataError
from recframe.interactions.interactions import Interactions
from recframe.plugin.registry import Registries
from recframe.spec.experiment import ExperimentSpec

LENGTH = 4
TAGS: tuple[list[str], ...] = (["a"], ["b", "c", "a"], [], ["c"], ["d", "b"])


def _interactions(seed: int, events: int = 60, tags: Sequence[list[str]] = TAGS) -> Interactions:
    rng = np.random.default_rng(seed)
    lists = np.empty(len(tags), object)
    lists[:] = [list(values) for values in tags]
    made = Interactions.from_columns(
        rng.integers(0, 6, events),
        rng.integers(0, len(tags), events),
        rng.integers(0, 3_000_000, events),
        {
            "id": np.arange(len(tags)) * 3 + 1,
            "tags": lists,
            "price": rng.normal(10, 5, len(tags)),
            "brand": np.array([f"brand {i % 3}" for i in range(len(tags))]),
        },
        {"rating": rng.integers(1, 6, events).astype(np.float32)},
    )
    return attrs.evolve(made, users={"age": rng.integers(1, 90, made.num_users)})


@functools.cache
def _spec(features: str) -> tuple[ExperimentSpec, Registries]:
    groups = f"groups={{history:{{features:{{{features}}}}}}}"
    overrides = ["~groups.history.features.item", groups, f"model.history_length={LENGTH}"]
    return recframe.compose(overrides), recframe.load_plugins()


def _prepared(data: Interactions, features: str) -> PreparedData:
    return prepare(*_spec(features), data)


def _rows(prepared: PreparedData, name: str) -> list[tuple[np.ndarray, list[int]]]:
    """The input of each test target, and the events that it is of, oldest first."""
    targets = prepared.targets(TEST)
    events = history_events(prepared, targets, LENGTH)
    end = prepared.interactions.num_events
    rows = histories(prepared, targets)[name]
    return [(row, [int(e) for e in chosen if e < end]) for row, chosen in zip(rows, events, strict=True)]


def _trained_on(prepared: PreparedData) -> np.ndarray:
    return np.flatnonzero(prepared.split.parts == TRAIN)


def _vocabulary(prepared: PreparedData, name: str) -> tuple[str, ...]:
    vocabulary = prepared.features[name].vocabulary
    assert vocabulary is not None
    return vocabulary


@given(st.integers(0, 999), st.none() | st.integers(1, 4))
@settings(deadline=None, max_examples=25)
def test_the_values_of_a_step_stand_side_by_side(seed: int, values: int | None) -> None:
    data = _interactions(seed)
    prepared = _prepared(data, f"item:{{type:int}},tag:{{type:strings,source:tags,values:{values or 'null'}}}")
    vocabulary, width = _vocabulary(prepared, "tag"), min(values or 3, 3)
    for row, events in _rows(prepared, "tag"):
        assert row.shape == (LENGTH, width)
        assert row.dtype == np.int32
        for step, event in zip(row, events, strict=False):
            expected = TAGS[data.item[event]][:width]
            assert [vocabulary[code] for code in step[: len(expected)]] == expected
            assert not step[len(expected) :].any()
        assert not row[len(events) :].any()
    assert prepared.aligned
    batch = next(position_batches(prepared, 16, np.random.default_rng(0), pack=False))
    assert batch.features["tag"].shape == (*batch.features["item"].shape, width)


@given(st.integers(0, 999))
@settings(deadline=None, max_examples=25)
def test_the_time_is_a_source(seed: int) -> None:
    data = _interactions(seed)
    sources = ("time_since_previous", "hour", "weekday")
    prepared = _prepared(data, ",".join(f"{source}:{{type:float,source:{source}}}" for source in sources))
    for source in sources:
        for row, events in _rows(prepared, source):
            for code, event in zip(row, events, strict=False):
                moment = datetime.datetime.fromtimestamp(int(data.timestamp[event]), datetime.UTC)
                first = event in data.offsets
                since = 0 if first else data.timestamp[event] - data.timestamp[event - 1]
                expected = {"time_since_previous": since, "hour": moment.hour, "weekday": moment.weekday()}
                assert code == np.float32(expected[source])


@given(st.integers(0, 999), st.sampled_from(["standard", "log"]), st.sampled_from(["rating", "price", "hour"]))
@settings(deadline=None, max_examples=25)
def test_numbers_are_scaled_by_what_training_has(seed: int, scale: str, source: str) -> None:
    data = _interactions(seed)
    prepared = _prepared(data, f"item:{{type:int}},n:{{type:float,source:{source},scale:{scale}}}")
    raw = {
        "rating": data.events["rating"].astype(float),
        "price": data.items["price"][data.item],
        "hour": (data.timestamp // 3600 % 24).astype(float),
    }[source]
    numbers = np.sign(raw) * np.log1p(np.abs(raw)) if scale == "log" else raw
    seen = numbers[_trained_on(prepared)]
    expected = (numbers - seen.mean()) / (seen.std() or 1)
    for row, events in _rows(prepared, "n"):
        np.testing.assert_allclose(row[: len(events)], expected[events], rtol=1e-4, atol=2e-5)
        assert row[: len(events)].all(), "0 is padding"
        assert not row[len(events) :].any()


def test_numbers_that_are_all_the_same_are_no_padding() -> None:
    data = _interactions(1)
    data.events["rating"][:] = 3
    prepared = _prepared(data, "n:{type:float,source:rating,scale:standard}")
    for row, events in _rows(prepared, "n"):
        assert row[: len(events)].all()
        np.testing.assert_allclose(row, 0, atol=1e-5)


@given(st.integers(0, 999), st.integers(2, 12))
@settings(deadline=None, max_examples=25)
def test_buckets_are_quantiles_of_what_training_has(seed: int, buckets: int) -> None:
    data = _interactions(seed, events=80)
    prepared = _prepared(data, f"n:{{type:buckets,source:price,buckets:{buckets}}}")
    prices = data.items["price"][data.item]
    seen = sorted(prices[_trained_on(prepared)].tolist())
    # The smallest number at which at least the share lies.
    edges = {seen[-(-share * len(seen) // buckets) - 1] for share in range(1, buckets)} - {seen[-1]}
    for row, events in _rows(prepared, "n"):
        assert row[: len(events)].tolist() == [1 + sum(edge < prices[event] for edge in edges) for event in events]
    assert len(_vocabulary(prepared, "n")) == len(edges) + 2


@given(st.integers(0, 999), st.integers(0, 12), st.sampled_from([0, 1, 3]), st.sampled_from(["null", "1", "3"]))
@settings(deadline=None, max_examples=40)
def test_vocabularies_are_by_falling_count_and_the_rest_is_hashed(
    seed: int, min_count: int, buckets: int, limit: str
) -> None:
    data = _interactions(seed)
    options = f"min_count:{min_count},hash_buckets:{buckets},max_vocabulary:{limit}"
    prepared = _prepared(data, f"item:{{type:int}},tag:{{type:strings,source:tags,{options}}}")
    counts: Counter[str] = Counter()
    for event in _trained_on(prepared):
        counts.update(TAGS[data.item[event]])
    kept = [tag for tag in sorted("abcd", key=lambda tag: (-counts[tag], tag)) if counts[tag] >= min_count]
    kept = kept[: None if limit == "null" else int(limit)]
    assert _vocabulary(prepared, "tag") == ("", *kept, *(f"<other {i}>" for i in range(buckets)))

    def code(tag: str) -> int:
        if tag in kept:
            return 1 + kept.index(tag)
        return 1 + len(kept) + zlib.crc32(tag.encode()) % buckets if buckets else 0

    for row, events in _rows(prepared, "tag"):
        for step, event in zip(row, events, strict=False):
            expected = [code(tag) for tag in TAGS[data.item[event]]]
            assert step[: len(expected)].tolist() == expected


def test_a_hashed_item_feature_does_not_share_the_labels_table() -> None:
    data = _interactions(1)
    prepared = _prepared(data, "item:{type:int,max_vocabulary:3,hash_buckets:2}")
    assert prepared.features["item"].size == prepared.num_labels
    from recframe.model.dual_encoder import build_model

    spec, registries = _spec("item:{type:int,max_vocabulary:3,hash_buckets:2}")
    assert not build_model(spec, registries, prepared.features, prepared.num_labels).tied


def test_statistics_of_users_are_of_those_who_train() -> None:
    data = _interactions(3)
    spec = recframe.compose(
        [
            "groups={history:{features:{item:{type:int}}},who:{scope:user,features:{n:{type:float,source:age,scale:standard}}}}",
            "split=users",
        ]
    )
    prepared = prepare(spec, recframe.load_plugins(), data)
    training = np.unique(prepared.users[prepared.split.parts == TRAIN])
    assert len(training) < data.num_users
    np.testing.assert_allclose(prepared.features["n"].statistics["mean"], data.users["age"][training].mean())


@pytest.mark.parametrize(
    ("features", "words"),
    [
        (
            "n:{type:float,source:prise}",
            r"groups\.history\.features\.n \(source 'prise'\): no column 'prise' .*did you mean 'price'\?",
        ),
        ("n:{type:int,source:hours}", "did you mean 'hour'"),
        ("n:{type:int,source:age}", "'age' is a column of the users: give its group scope=user"),
        ("n:{type:string,source:tags}", "set the feature's type to `strings`"),
        ("n:{type:strings,source:brand}", "set its type to `string`"),
        ("n:{type:buckets,source:brand}", "a `buckets` feature needs numbers, but one value is '.*'; correct it"),
        (
            "n:{type:float,source:price}",
            r"groups\.history\.features\.n \(source 'price'\): .* finite numbers, but one value is nan",
        ),
        ("item:{type:int}}},w:{scope:user,features:{n:{type:int,source:agge}", "no user column 'agge'.*mean 'age'"),
        (
            "item:{type:int}}},w:{scope:user,features:{n:{type:strings,source:age}",
            "a feature of the user reads one value, not a list",
        ),
    ],
)
def test_a_wrong_source_or_value_is_told(features: str, words: str) -> None:
    data = _interactions(1)
    data.items["price"][2] = np.nan
    with pytest.raises(DataError, match=words):
        _prepared(data, features)


@pytest.mark.parametrize("option", ["scale:cube", "buckets:3"])
def test_a_wrong_option_is_told(option: str) -> None:
    with pytest.raises(recframe.SpecError, match=r"groups\.history\.features\.n"):
        _spec(f"n:{{type:float,source:price,{option}}}")


def test_a_strings_layer_wants_values_side_by_side() -> None:
    from recframe.builtin.features.strings_layer import PooledEmbedding

    with pytest.raises(recframe.SpecError, match="needs inputs of shape"):
        PooledEmbedding(3, 2, "mean").build((1, 4))


def test_the_order_of_the_data_changes_no_statistic() -> None:
    prices: list[Any] = []
    for seed in (1, 2):
        data = _interactions(1)
        user, order = data.user_of_event(), np.random.default_rng(seed).permutation(data.num_events)
        again = Interactions.from_columns(user[order], data.item[order], data.timestamp[order], data.items)
        prices.append(_prepared(again, "n:{type:float,source:price,scale:log}").features["n"].statistics)
    assert prices[0] == prices[1]


@pytest.mark.parametrize("table", ["events", "items"])
def test_a_column_with_the_name_of_a_value_of_the_time_is_refused(table: str) -> None:
    """An app would compute another value than training reads."""
    data = _interactions(1)
    rows = data.num_events if table == "events" else data.num_items
    named = {**getattr(data, table), "hour": np.zeros(rows, np.int64)}
    assert _prepared(evolve(data, **{table: named}), "item:{type:int}")
    with pytest.raises(DataError, match=r"\(source 'hour'\): the data has a column of this name, .* rename"):
        _prepared(evolve(data, **{table: named}), "item:{type:int},n:{type:int,source:hour}")
