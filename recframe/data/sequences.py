"""Histories and windows, gathered when they are needed. Padding is on the right; the latest events are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, Protocol

import numpy as np
from attrs import frozen

from recframe.data.features import UserFeature, steps_read
from recframe.data.prepare import PreparedData
from recframe.data.splits import TRAIN

#: How the targets stand in rows: `windows`, one target and its history a row; `positions`, a piece of a user's events,
#: each of which predicts the next; `packed`, several such pieces a row.
Layout = Literal["windows", "positions", "packed"]


@frozen(eq=False)
class Batch:
    """A step's examples.

    Attributes:
        features: int32 or float32 [rows, length] by feature; [rows, length, values] where a step has several.
        labels: int32 [targets]; windows have a target a row.
        weights: float32 [targets]; 0 is padding, which comes last.
        places: int32 [targets], the step that predicts each target, counted through all rows; None for windows.
        segments: int32 [rows, length], which of the row's histories a step is of, from 1; 0 is padding. None unless
            packed.
    """

    features: Mapping[str, np.ndarray]
    labels: np.ndarray
    weights: np.ndarray
    places: np.ndarray | None = None
    segments: np.ndarray | None = None


class Examples(Protocol):
    """Where training takes its batches from."""

    @property
    def label_counts(self) -> np.ndarray:
        """int64 [labels]: how often each label is a target."""

    def batches(self, size: int, layout: Layout, rng: np.random.Generator) -> Iterator[Batch]:
        """Every target once, in an order drawn from `rng`; about `size` targets a batch, all batches of one shape."""

    def steps(self, size: int, layout: Layout) -> int:
        """About how many batches that makes (exact for windows)."""


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
