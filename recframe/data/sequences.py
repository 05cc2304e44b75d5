"""Histories and batches, gathered when they are needed. Padding is on the right; the latest events are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

import numpy as np
from attrs import frozen

from recframe.data.features import UserFeature, steps_read
from recframe.data.prepare import PreparedData
from recframe.data.splits import TRAIN


@frozen(eq=False)
class Batch:
    """A step's examples.

    Attributes:
        features: int32 or float32 [rows, length] by feature; [rows, length, values] where a step has several.
        labels: int32 [rows] (windows) or [rows, length] (positions).
        weights: float32 like labels; 0 is padding.
    """

    features: Mapping[str, np.ndarray]
    labels: np.ndarray
    weights: np.ndarray


class Examples(Protocol):
    """Where training takes its batches from."""

    @property
    def label_counts(self) -> np.ndarray:
        """int64 [labels]: how often each label is a target."""

    def batches(self, size: int, positions: bool, rng: np.random.Generator) -> Iterator[Batch]:
        """Every target once, in an order drawn from `rng`."""

    def steps(self, size: int, positions: bool) -> int:
        """About how many batches that makes (exact without positions)."""


@frozen(eq=False)
class SequenceExamples:
    """The training targets of prepared data, with their histories gathered batch by batch."""

    data: PreparedData

    @property
    def label_counts(self) -> np.ndarray:
        return self.data.label_counts

    def batches(self, size: int, positions: bool, rng: np.random.Generator) -> Iterator[Batch]:
        return (position_batches if positions else window_batches)(self.data, size, rng)

    def steps(self, size: int, positions: bool) -> int:
        if not positions:
            return -(-len(self.data.targets(TRAIN)) // size)
        length = self.data.history_length
        return -(-len(cut_pieces(self.data, length, np.random.default_rng(0)).first) // max(1, size // length))


def history_events(data: PreparedData, targets: np.ndarray, length: int, latest: int | None = None) -> np.ndarray:
    """int64 [targets, length]: the events before each target, oldest first; `num_events` stands for padding.

    Args:
        latest: Only so many are read; None: as many as there is room for.
    """
    starts = data.interactions.offsets[data.users[targets]]
    return events_before(starts, targets, min(length, latest or length), data.interactions.num_events, length)


def events_before(starts: np.ndarray, targets: np.ndarray, count: int, padding: int, length: int) -> np.ndarray:
    """int64 [targets, length]: up to `count` events before each target, oldest first, then `padding`.

    Args:
        starts: int64 [targets]; the first event of each target's user.
    """
    events = np.maximum(starts, targets - count)[:, None] + np.arange(length)
    return np.where(events < targets[:, None], events, padding)


def histories(data: PreparedData, targets: np.ndarray, latest: int | None = None) -> dict[str, np.ndarray]:
    """The model's inputs for the histories before the targets, each [targets, *shape of the feature].

    Args:
        latest: Only so many of the latest events are read; None: all that the model reads.
    """
    users = data.users[targets]
    steps = {name: steps_read(feature, data.history_length) for name, feature in data.features.items()}
    events = {length: history_events(data, targets, length, latest) for length in set(steps.values())}
    return {name: feature.gather(events[steps[name]], users) for name, feature in data.features.items()}


def inputs_of(data: PreparedData, events: np.ndarray) -> dict[str, np.ndarray]:
    """The model's inputs for histories made of any events, int64 [histories, history_length]; of no user."""
    inputs = {}
    for name, feature in data.features.items():
        if isinstance(feature, UserFeature):
            inputs[name] = np.zeros((len(events), feature.length), feature.dtype)
            continue
        padding = np.full((len(events), max(feature.length - events.shape[1], 0)), data.interactions.num_events)
        steps = steps_read(feature, events.shape[1])
        inputs[name] = feature.gather(np.hstack([events, padding])[:, :steps], np.zeros(len(events), np.int32))
    return inputs


def window_batches(data: PreparedData, size: int, rng: np.random.Generator) -> Iterator[Batch]:
    """One (history, next item) pair a row, shuffled; the last batch is filled up with rows of weight 0."""
    targets = rng.permutation(data.targets(TRAIN))
    for at in range(0, len(targets), size):
        chosen = targets[at : at + size]
        filled, weights = filled_up(chosen, size)
        yield Batch(histories(data, filled), data.labels[filled], weights)


def filled_up(rows: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The rows of a batch, and their weights float32 [size]: what is missing is the first row with weight 0."""
    weights = (np.arange(size) < len(rows)).astype(np.float32)
    return np.concatenate([rows, np.repeat(rows[:1], size - len(rows))]), weights


@frozen(eq=False)
class Pieces:
    """Runs of consecutive events: int64 [pieces] first input event, and how many inputs follow it."""

    first: np.ndarray
    count: np.ndarray


def cut_pieces(data: PreparedData, length: int, rng: np.random.Generator) -> Pieces:
    """Cut each user's training events into runs of `length` inputs, at a phase drawn anew for each call.

    The drawn phase lets each event appear with short and with long histories over the epochs. The first and
    the last piece of a user may be shorter. Every training target stands in exactly one piece.
    """
    offsets = data.interactions.offsets
    ends = offsets[1:]
    if not data.split.leaky:
        kept = np.concatenate([[0], np.cumsum(data.split.parts == TRAIN)])
        ends = offsets[:-1] + kept[offsets[1:]] - kept[offsets[:-1]]
    inputs = np.maximum(ends - offsets[:-1] - 1, 0)
    phase = rng.integers(0, length, len(inputs))
    pieces = np.where(inputs > 0, -(-(inputs + phase) // length), 0)
    user = np.repeat(np.arange(len(inputs)), pieces)
    number = np.arange(len(user)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    begin = np.maximum(number * length - phase[user], 0)
    end = np.minimum((number + 1) * length - phase[user], inputs[user])
    return Pieces(offsets[:-1][user] + begin, end - begin)


def position_batches(data: PreparedData, size: int, rng: np.random.Generator) -> Iterator[Batch]:
    """Every next item of a run of events, `size // length` runs a batch, shuffled; padding has weight 0."""
    length = data.history_length
    pieces = cut_pieces(data, length, rng)
    order = rng.permutation(len(pieces.first))
    rows = max(1, size // length)
    events_end = data.interactions.num_events
    steps = np.arange(length)
    labels = np.concatenate([data.labels, [0]]).astype(np.int32)
    is_target = np.concatenate([data.split.parts == TRAIN, [False]])
    for at in range(0, len(order), rows):
        chosen = order[at : at + rows]
        count = np.zeros(rows, np.int64)
        first = np.zeros(rows, np.int64)
        count[: len(chosen)], first[: len(chosen)] = pieces.count[chosen], pieces.first[chosen]
        inside = steps < count[:, None]
        events = np.where(inside, first[:, None] + steps, events_end)
        following = np.where(inside, events + 1, events_end)
        weights = (is_target[following] & (labels[following] > 0)).astype(np.float32)
        yield Batch({n: f.gather(events, events[:, 0]) for n, f in data.features.items()}, labels[following], weights)
