from __future__ import annotations

import functools

import attrs
import numpy as np
import pytest
from hypothesis import assume, given, reject, settings, strategies as st

import recframe
from recframe.data.prepare import PreparedData, prepare
from recframe.data.sequences import Layout
from recframe.data.splits import CONTEXT, TEST, TRAIN, VALIDATION, Split, split_events
from recframe.data.training_examples import SequenceExamples
from recframe.errors import DataError, SpecError
from recframe.interactions.interactions import Interactions
from recframe.plugin.registry import Registries
from recframe.spec.experiment import ExperimentSpec
from recframe.spec.split import SplitSpec
from tests.data.strategies import interactions

SPECS = {
    "leave_one_out": SplitSpec(),
    "temporal": SplitSpec(type="temporal", validation_fraction=0.2, test_fraction=0.2),
    "temporal at": SplitSpec(type="temporal", validation_fraction=0.3, at="1970-01-01T00:02"),
    "temporal gap": SplitSpec(type="temporal", validation_fraction=0.3, test_fraction=0.2, gap_days=20 / 86_400),
    "users": SplitSpec(type="users", validation_fraction=0.3, test_fraction=0.3),
    "random": SplitSpec(type="random", validation_fraction=0.2, test_fraction=0.2),
}
LAYOUTS: tuple[Layout, ...] = ("windows", "positions", "packed")
SAFE = [name for name in SPECS if name != "random"]


def _split(data: Interactions, name: str, seed: int = 1) -> Split:
    try:
        return split_events(data, SPECS[name], seed)
    except DataError:
        reject()


@functools.cache
def _whole() -> tuple[ExperimentSpec, Registries]:
    return recframe.compose(), recframe.load_plugins()


def _prepared(data: Interactions, split: SplitSpec, length: int) -> PreparedData:
    whole, registries = _whole()
    model = attrs.evolve(whole.model, history_length=length)
    try:
        prepared = prepare(attrs.evolve(whole, split=split, model=model), registries, data)
    except DataError:
        reject()
    # Give each event an id of its own, so that an input names its event.
    object.__setattr__(prepared.features["item"], "codes", np.r_[np.arange(1, data.num_events + 1), 0].astype(np.int32))
    return prepared


def _events_trained_on(prepared: PreparedData) -> set[int]:
    """The events that stand in an input of some step, of any layout, over a few epochs."""
    used: set[int] = set()
    for seed in range(4):
        for layout in LAYOUTS:
            for batch in SequenceExamples(prepared).batches(16, layout, np.random.default_rng(seed)):
                used |= set((batch.features["item"][batch.features["item"] > 0] - 1).tolist())
    return used


@given(interactions(), st.sampled_from(SAFE), st.integers(1, 9))
@settings(deadline=None, max_examples=40)
def test_no_evaluation_target_is_in_any_training_window(data: Interactions, name: str, length: int) -> None:
    prepared = _prepared(data, SPECS[name], length)
    evaluated = {int(event) for part in (VALIDATION, TEST) for event in prepared.targets(part)}
    assert not evaluated & _events_trained_on(prepared)
    assert not evaluated & set(prepared.targets(TRAIN).tolist())
    assert prepared.split.leaking_targets == 0
    assert not prepared.split.leaky


@given(interactions(), st.integers(1, 9))
@settings(deadline=None, max_examples=30)
def test_of_random_the_leaking_targets_are_counted_and_told(data: Interactions, length: int) -> None:
    spec = SPECS["random"]
    prepared = _prepared(data, spec, length)
    used = set()
    for target in prepared.targets(TRAIN).tolist():
        used |= set(range(max(int(data.offsets[prepared.users[target]]), target - length), target))
    evaluated = {int(event) for part in (VALIDATION, TEST) for event in prepared.targets(part)}
    split = prepared.split
    assert split.leaking_targets == len(evaluated & used)
    assert f"split=random: {split.leaking_targets:,} of {len(evaluated):,} evaluation targets" in split.notes[-1]


@given(interactions(), st.sampled_from(SAFE))
@settings(deadline=None)
def test_no_user_trains_on_what_comes_after_an_evaluation_target(data: Interactions, name: str) -> None:
    split = _split(data, name)
    for start, end in zip(data.offsets, data.offsets[1:], strict=False):
        parts = split.parts[start:end]
        assert (np.diff((parts != TRAIN).astype(int)) >= 0).all()


@given(interactions(), st.sampled_from(["temporal", "temporal at", "temporal gap"]))
@settings(deadline=None)
def test_temporal_trains_on_nothing_later_than_any_evaluation_event(data: Interactions, name: str) -> None:
    split, gap = _split(data, name), 20 if name == "temporal gap" else 0
    latest = data.timestamp[split.parts == TRAIN].max()
    assert latest < data.timestamp[split.parts == VALIDATION].min() - gap
    assert data.timestamp[split.parts == VALIDATION].max() < data.timestamp[split.parts == TEST].min()
    if name == "temporal at":
        assert (data.timestamp[split.parts == TEST] >= 120).all()
        assert (data.timestamp[split.parts != TEST] < 120).all()


@given(interactions())
@settings(deadline=None)
def test_leave_one_out_takes_the_last_two_events(data: Interactions) -> None:
    split = _split(data, "leave_one_out")
    for start, end in zip(data.offsets, data.offsets[1:], strict=False):
        expected = [TRAIN] * (end - start - 2) + [VALIDATION, TEST] if end - start >= 3 else [TRAIN] * (end - start)
        assert split.parts[start:end].tolist() == expected


@given(interactions(), st.integers(0, 9))
@settings(deadline=None)
def test_users_are_held_out_whole_and_their_last_event_is_predicted(data: Interactions, seed: int) -> None:
    split = _split(data, "users", seed)
    seen = set()
    for start, end in zip(data.offsets, data.offsets[1:], strict=False):
        parts = split.parts[start:end].tolist()
        if set(parts) == {TRAIN}:
            continue
        assert parts[:-1] == [CONTEXT] * (end - start - 1)
        seen.add(parts[-1])
    assert seen == {VALIDATION, TEST}


@given(interactions(), st.sampled_from(list(SPECS)), st.integers(0, 9))
@settings(deadline=None, max_examples=40)
def test_a_seed_and_data_give_one_hash(data: Interactions, name: str, seed: int) -> None:
    split, again = _split(data, name, seed), _split(data, name, seed)
    assert split.sha256 == again.sha256
    assert (split.parts == again.parts).all()
    other = _split(data, name, seed + 1)
    assert (other.sha256 == split.sha256) == bool((other.parts == split.parts).all())
    moved = Interactions.from_columns(
        np.repeat(data.user_ids, np.diff(data.offsets)), (data.item + 1) % 12, data.timestamp, data.items
    )
    assert _split(moved, name, seed).sha256 != split.sha256


@given(interactions(), st.integers(0, 99))
@settings(deadline=None)
def test_data_that_is_split_already_is_taken_as_it_is(data: Interactions, seed: int) -> None:
    parts = np.random.default_rng(seed).integers(0, 3, data.num_events)
    user = np.repeat(data.user_ids, np.diff(data.offsets))
    # What is trained on comes first among events of one moment; here no two of a user are of one.
    time = np.arange(data.num_events)
    with_parts = Interactions.from_columns(user, data.item, time, data.items, parts=parts)
    try:
        split = split_events(with_parts, SplitSpec(), seed=1)
    except DataError:
        reject()
    assert split.type == "given"
    assert split.parts.tolist() == parts.tolist()
    assert "already split, and the split is kept" in split.notes[0]


def test_data_without_validation_events_gets_them() -> None:
    parts = np.array([TRAIN, TRAIN, TRAIN, TEST, TRAIN, TRAIN, TRAIN, TRAIN])
    data = Interactions.from_columns(
        np.array([1] * 4 + [2] * 4), np.arange(8), np.arange(8), {"id": np.arange(8)}, parts=parts
    )
    split = split_events(data, SplitSpec(), seed=1)
    assert split.parts.tolist() == [TRAIN, TRAIN, VALIDATION, TEST, TRAIN, TRAIN, TRAIN, VALIDATION]
    assert any("no validation events" in note for note in split.notes)
    with pytest.raises(DataError, match="`parts` holds other values than 0"):
        Interactions.from_columns(
            np.array([1]), np.array([0]), np.array([0]), {"id": np.arange(8)}, parts=np.array([7])
        )


def test_training_comes_first_among_events_of_one_moment() -> None:
    data = Interactions.from_columns(
        np.ones(4, int), np.arange(4), np.zeros(4, int), {"id": np.arange(4)}, parts=np.array([TEST, 1, TRAIN, TRAIN])
    )
    assert data.item.tolist() == [2, 3, 1, 0]
    assert split_events(data, SplitSpec(), seed=1).leaking_targets == 0


@given(interactions())
@settings(deadline=None)
def test_a_given_split_that_leaks_says_so(data: Interactions) -> None:
    parts = np.full(data.num_events, TRAIN)
    assume(data.offsets[1] > 4)
    parts[[1, 2]] = VALIDATION, TEST
    with_parts = attrs.evolve(data, parts=parts)
    split = split_events(with_parts, SplitSpec(), seed=1)
    assert (split.leaky, split.leaking_targets) == (True, 2)
    assert "split=given: 2 of 2 evaluation targets are in histories" in split.notes[-1]


def test_too_little_data_is_refused_with_the_reason() -> None:
    data = Interactions.from_columns(np.array([1, 1]), np.array([0, 1]), np.array([5, 6]), {"id": np.array([1, 2])})
    with pytest.raises(DataError, match="leaves no validation target"):
        split_events(data, SplitSpec(), seed=1)
    late = SplitSpec(type="temporal", at="2015-01-01")
    with pytest.raises(DataError, match="from 1970-01-01 to 1970-01-01"):
        split_events(data, late, seed=1)
    with pytest.raises(DataError, match="split=users leaves no"):
        split_events(data, SplitSpec(type="users"), seed=1)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["split=temporal", "split.at=soon"], "'soon' is not a date"),
        (["split.at=2015-01-01"], "an option of split=temporal"),
        (["split=random", "split.gap_days=3"], "gap_days is an option of split=temporal"),
    ],
)
def test_a_wrong_spec_is_told(overrides: list[str], words: str) -> None:
    with pytest.raises(SpecError, match=words):
        recframe.compose(overrides)


def test_the_command_line_takes_a_date() -> None:
    assert recframe.compose(["split=temporal", "split.at=2015-01-01"]).split.seconds_of_at() == 1_420_070_400
