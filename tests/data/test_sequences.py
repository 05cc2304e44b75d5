from __future__ import annotations

import attrs
import numpy as np
from hypothesis import given, reject, settings, strategies as st

import recframe
from recframe.data.pieces import position_batches
from recframe.data.prepare import PreparedData, prepare
from recframe.data.sequences import Layout, histories
from recframe.data.splits import TEST, TRAIN
from recframe.data.training_examples import SequenceExamples
from recframe.errors import DataError
from recframe.interactions.interactions import Interactions
from tests.composed import spec_of
from tests.data.strategies import interactions

LAYOUTS: tuple[Layout, ...] = ("windows", "positions", "packed")


def _prepare(data: Interactions, length: int = 50) -> PreparedData:
    try:
        return prepare(spec_of(f"model.history_length={length}"), recframe.load_plugins(), data)
    except DataError:
        reject()  # no target is left: draw others


@given(interactions(), st.integers(1, 12))
@settings(deadline=None, max_examples=40)
def test_a_history_is_the_latest_events_before_the_target_padded_on_the_right(data: Interactions, length: int) -> None:
    prepared = _prepare(data, length)
    targets = prepared.targets(TEST)
    rows = histories(prepared, targets)["item"]
    for row, target in zip(rows, targets, strict=True):
        start = data.offsets[prepared.users[target]]
        expected = prepared.labels[max(start, target - length) : target]
        assert row[: len(expected)].tolist() == expected.tolist()
        assert not row[len(expected) :].any()


@given(interactions(), st.integers(1, 12), st.integers(1, 40), st.integers(0, 99))
@settings(deadline=None, max_examples=40)
def test_every_layout_trains_on_every_target_once(data: Interactions, length: int, size: int, seed: int) -> None:
    prepared = _prepare(data, length)
    expected = np.sort(prepared.labels[prepared.targets(TRAIN)])
    for layout in LAYOUTS:
        batches = list(SequenceExamples(prepared).batches(size, layout, np.random.default_rng(seed)))
        labels = np.concatenate([batch.labels[batch.weights > 0] for batch in batches])
        assert np.sort(labels).tolist() == expected.tolist()


@given(interactions(), st.integers(1, 12), st.integers(1, 5), st.integers(1, 40), st.integers(0, 99))
@settings(deadline=None, max_examples=40)
def test_longer_pieces_in_training_hold_every_target_once_and_its_nearest_past(
    data: Interactions, length: int, factor: int, size: int, seed: int
) -> None:
    prepared = attrs.evolve(_prepare(data, length), training_length=factor * length)
    expected = np.sort(prepared.labels[prepared.targets(TRAIN)])
    for pack in (False, True):
        batches = list(position_batches(prepared, size, np.random.default_rng(seed), pack))
        labels = np.concatenate([batch.labels[batch.weights > 0] for batch in batches])
        assert np.sort(labels).tolist() == expected.tolist()
        longest = max(int((batch.features["item"] > 0).sum(axis=1).max()) for batch in batches)
        assert pack or longest <= factor * length


def test_a_row_holds_the_longest_piece_of_every_cut() -> None:
    """One user has 10 inputs: some cuts at 9 have a piece of 9, and others have none longer than 8."""
    events = 13
    data = Interactions.from_columns(
        np.zeros(events, np.int64), np.arange(events) % 7, np.arange(events), {"id": np.arange(7)}
    )
    prepared = _prepare(data, 9)
    expected = np.sort(prepared.labels[prepared.targets(TRAIN)])
    for seed in range(30):
        for layout in LAYOUTS:
            batches = list(SequenceExamples(prepared).batches(9, layout, np.random.default_rng(seed)))
            labels = np.concatenate([batch.labels[batch.weights > 0] for batch in batches])
            assert np.sort(labels).tolist() == expected.tolist()


@given(interactions(), st.integers(0, 99))
@settings(deadline=None, max_examples=40)
def test_positions_never_read_an_evaluation_event(data: Interactions, seed: int) -> None:
    prepared = _prepare(data, 4)
    # Give each event an id of its own, so that an input names its event.
    object.__setattr__(prepared.features["item"], "codes", np.r_[np.arange(1, data.num_events + 1), 0].astype(np.int32))
    for pack in (False, True):
        for batch in position_batches(prepared, 16, np.random.default_rng(seed), pack):
            used = batch.features["item"][batch.features["item"] > 0] - 1
            assert (prepared.split.parts[used] == TRAIN).all()
