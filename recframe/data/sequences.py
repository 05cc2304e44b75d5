"""Gathers histories for batches when they are needed. Padding is on the right; the latest events are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, Protocol

import numpy as np
from attrs import frozen

from recframe.data.features import NowFeature, UserFeature, steps_read
from recframe.data.prepare import PreparedData
from recframe.data.splits import TRAIN

#: What a row of a batch holds. `windows`: one target and its history; `positions`: a piece of a user's events, each of
#: which predicts the next; `packed`: several such pieces.
Layout = Literal["windows", "positions", "packed"]


@frozen(eq=False)
class Batch:
    """The examples of one training step.

    Attributes:
        features: int32 or float32 for each feature, [rows, length], or [rows, length, values] if a step has several.
        labels: int32 [targets]; windows have one target per row.
        weights: float32 [targets]; 0 for padding, which comes last.
        places: int32 [targets]; the index of the step that predicts each target, in the flattened [rows * length];
            None for windows.
        segments: int32 [rows, length]; the number of the row's history that a step belongs to, from 1; 0 for padding.
            None unless the layout is packed.
    """

    features: Mapping[str, np.ndarray]
    labels: np.ndarray
    weights: np.ndarray
    places: np.ndarray | None = None
    segments: np.ndarray | None = None


class Examples(Protocol):
    """A source of batches for training."""

    @property
    def label_counts(self) -> np.ndarray:
        """int64 [labels]: the number of targets with each label."""

    def batches(self, size: int, layout: Layout, rng: np.random.Generator) -> Iterator[Batch]:
        """Each target once, in an order drawn from `rng`. A batch has about `size` targets; all have one shape."""

    def steps(self, size: int, layout: Layout) -> int:
        """About how many batches an epoch has (exact for windows)."""


def history_events(data: PreparedData, targets: np.ndarray, length: int, latest: int | None = None) -> np.ndarray:
    """int64 [targets, length]: the events before each target, oldest first; padding is `num_events`.

    Args:
        latest: Read at most this many events; None for `length`.
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
        latest: Read at most this many of the latest events; None for all that the model reads.
    """
    users = data.users[targets]
    steps = {name: steps_read(feature, data.history_length) for name, feature in data.features.items()}
    events = {length: history_events(data, targets, length, latest) for length in set(steps.values())}
    asked = targets[:, None]
    return {name: feature.gather(events[steps[name]], users, asked) for name, feature in data.features.items()}


def inputs_of(data: PreparedData, events: np.ndarray) -> dict[str, np.ndarray]:
    """The model's inputs for histories of any events, int64 [histories, history_length].

    Features of the user and of the moment of asking are 0, unknown.
    """
    inputs, nobody = {}, np.zeros(len(events), np.int32)
    for name, feature in data.features.items():
        if isinstance(feature, UserFeature | NowFeature):
            inputs[name] = np.zeros((len(events), feature.length), feature.dtype)
            continue
        padding = np.full((len(events), max(feature.length - events.shape[1], 0)), data.interactions.num_events)
        steps = steps_read(feature, events.shape[1])
        inputs[name] = feature.gather(np.hstack([events, padding])[:, :steps], nobody, nobody[:, None])
    return inputs


def window_batches(data: PreparedData, size: int, rng: np.random.Generator) -> Iterator[Batch]:
    """Batches with one (history, next item) pair per row, shuffled. The last one is padded with rows of weight 0."""
    targets = rng.permutation(data.targets(TRAIN))
    for at in range(0, len(targets), size):
        chosen = targets[at : at + size]
        filled, weights = pad_rows(chosen, size)
        yield Batch(histories(data, filled), data.labels[filled], weights)


def pad_rows(rows: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Pad the rows of a batch to `size` with copies of the first row. Returns them and weights, float32 [size]."""
    weights = (np.arange(size) < len(rows)).astype(np.float32)
    return np.concatenate([rows, np.repeat(rows[:1], size - len(rows))]), weights
