"""Features of the moment of asking, against plain loops over the events."""

from __future__ import annotations

import datetime
import statistics

import attrs
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import recframe
from recframe.data.pieces import position_batches
from recframe.data.prepare import PreparedData, prepare
from recframe.data.sequences import histories, window_batches
from recframe.data.splits import TEST, TRAIN
from recframe.errors import DataError
from recframe.interactions.interactions import Interactions
from tests.composed import spec_of

LENGTH = 4
ALL = "hour:{type:float},day:{type:float,source:weekday},gap:{type:float,source:time_since_previous}"


def _interactions(seed: int, users: int = 6, events: int = 60) -> Interactions:
    """The times of two events never differ by 0, and no item occurs twice, so that an item tells its event."""
    rng = np.random.default_rng(seed)
    times = rng.choice(np.arange(1, 3_000_000), events, replace=False)
    return Interactions.from_columns(
        rng.integers(0, users, events), rng.permutation(events), times, {"id": np.arange(events) + 1}
    )


def _prepared(data: Interactions, features: str) -> PreparedData:
    spec = spec_of(f"groups.now={{scope:now,features:{{{features}}}}}", f"model.history_length={LENGTH}")
    return prepare(spec, recframe.load_plugins(), data)


def _by_item(data: Interactions) -> dict[str, tuple[int, int, int]]:
    """The hour, the weekday and the seconds since the user's event before, of the one event of each item."""
    rows = sorted(zip(data.user_of_event().tolist(), data.timestamp.tolist(), data.item.tolist(), strict=True))
    moments, before = {}, (-1, 0)
    for user, time, item in rows:
        moment = datetime.datetime.fromtimestamp(time, datetime.UTC)
        since = time - before[1] if before[0] == user else 0
        moments[str(data.items["id"][item])] = (moment.hour, moment.weekday(), since)
        before = (user, time)
    return moments


def _moments(features: dict[str, np.ndarray]) -> np.ndarray:
    return np.stack([features[name] for name in ("hour", "day", "gap")], axis=-1)


@given(st.integers(0, 999))
@settings(deadline=None, max_examples=25)
def test_the_moment_is_the_time_of_the_target(seed: int) -> None:
    data = _interactions(seed)
    prepared, moments = _prepared(data, ALL), _by_item(data)
    names = prepared.label_vocabulary
    for part in (TRAIN, TEST):
        targets = prepared.targets(part)
        got = _moments(histories(prepared, targets))
        assert got.shape == (len(targets), 1, 3)
        assert got[:, 0].tolist() == [list(moments[names[label]]) for label in prepared.labels[targets]]
    for batch in window_batches(prepared, 16, np.random.default_rng(0)):
        real = batch.weights > 0
        wanted = [moments[names[label]] for label in batch.labels[real]]
        assert _moments(dict(batch.features))[real, 0].tolist() == [list(moment) for moment in wanted]


@given(st.integers(0, 999), st.booleans())
@settings(deadline=None, max_examples=25)
def test_in_positions_each_step_has_the_moment_of_its_own_target(seed: int, pack: bool) -> None:
    data = _interactions(seed)
    prepared, moments = _prepared(data, ALL), _by_item(data)
    compared = 0
    for batch in position_batches(prepared, 16, np.random.default_rng(seed), pack):
        assert batch.places is not None
        real = batch.weights > 0
        at = _moments(dict(batch.features)).reshape(-1, 3)[batch.places[real]]
        wanted = [moments[prepared.label_vocabulary[label]] for label in batch.labels[real]]
        assert at.tolist() == [list(moment) for moment in wanted]
        compared += len(wanted)
    assert compared == len(prepared.targets(TRAIN))


@given(st.integers(0, 999))
@settings(deadline=None, max_examples=25)
def test_statistics_are_of_what_training_predicts(seed: int) -> None:
    """The first event of a user is never predicted, so its missing gap must not count as 0."""
    data = _interactions(seed)
    prepared = _prepared(data, "gap:{type:float,source:time_since_previous,scale:log}")
    targets = prepared.targets(TRAIN)
    moments = _by_item(data)
    gaps = [moments[prepared.label_vocabulary[label]][2] for label in prepared.labels[targets]]
    feature = prepared.features["gap"]
    assert feature.default == statistics.median_low(gaps)
    assert feature.statistics["mean"] == pytest.approx(np.log1p(gaps).mean())


def test_the_clock_is_always_known_so_it_needs_no_default() -> None:
    features = _prepared(_interactions(1), "hour:{type:int},day:{type:string,source:weekday}").features
    assert [features[name].default for name in ("hour", "day")] == [None, None]
    assert [features[name].shape for name in ("hour", "day")] == [(1,), (1,)]


def test_a_column_of_the_data_is_not_the_moment() -> None:
    """Nobody knows the value that the next event will have."""
    data = _interactions(1)
    told = attrs.evolve(data, events={"hour": np.full(data.num_events, 99)})
    for features in (ALL, "hour:{type:int,vocab_size:5}"):
        plain, other = _prepared(data, features), _prepared(told, features)
        np.testing.assert_array_equal(plain.features["hour"].codes, other.features["hour"].codes)
        assert plain.notes == other.notes


@pytest.mark.parametrize(
    ("features", "words"),
    [
        ("hour:{type:int}", r"groups\.now\.features\.hour \(source 'hour'\): 'hour' needs the time of each event"),
        ("tags:{type:strings,source:hour}", "the moment of asking has one value, not a list"),
    ],
)
def test_what_cannot_be_known_is_told(features: str, words: str) -> None:
    data = _interactions(1)
    with pytest.raises(DataError, match=words):
        _prepared(attrs.evolve(data, timed="tags" in features), features)
