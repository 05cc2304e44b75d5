"""Examples out of timelines: what a user did before each event, cut from flat columns without a loop over users.

Events are sorted by user and time. A timeline of n events gives n - 1 examples: each event but the first is a label
once, and the events before it are its context, oldest first, padded on the right.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen


@frozen(eq=False)
class Targets:
    """The label of each example, and where its user's timeline begins: int64 [examples] events."""

    event: np.ndarray
    start: np.ndarray

    def __len__(self) -> int:
        return len(self.event)

    def take(self, rows: np.ndarray) -> Targets:
        return Targets(self.event[rows], self.start[rows])

    def context(self, length: int) -> np.ndarray:
        """int64 [examples]: the first of at most `length` events before each label."""
        first: np.ndarray = np.maximum(self.start, self.event - length)
        return first


@frozen(eq=False)
class Lists:
    """Several values an event: those of event e are values[offsets[e]] to values[offsets[e + 1]]."""

    offsets: np.ndarray
    values: np.ndarray


def find_targets(offsets: np.ndarray, min_length: int) -> Targets:
    """Every event that has one before it, of the timelines of at least `min_length` events.

    Args:
        offsets: int64 [users + 1]; user u has the events offsets[u] to offsets[u + 1].
    """
    lengths = np.diff(offsets)
    start = np.repeat(offsets[:-1], lengths)
    event = np.arange(len(start), dtype=np.int64)
    chosen = (event > start) & np.repeat(lengths >= min_length, lengths)
    return Targets(event[chosen], start[chosen])


def steps(values: np.ndarray, targets: Targets, length: int, context: int | None = None) -> np.ndarray:
    """[examples, length]: the value of each of the latest events before the label, then zeros.

    Args:
        values: [events].
        context: At most so many events, where that is less than `length`.
    """
    first = targets.context(length if context is None else min(length, context))
    return _slices(values, first, targets.event, length, 0)


def entries(lists: Lists, targets: Targets, length: int, context: int, pad: int = 0) -> np.ndarray:
    """[examples, length]: all values of the `context` latest events, oldest first, of which the first are kept."""
    begin, end = lists.offsets[targets.context(context)], lists.offsets[targets.event]
    return _slices(lists.values, begin, end, length, pad)


def _slices(values: np.ndarray, begin: np.ndarray, end: np.ndarray, length: int, pad: int) -> np.ndarray:
    """[rows, length]: values[begin:end] of each row, cut or padded on the right."""
    index = begin[:, None] + np.arange(length)
    inside = index < end[:, None]
    if len(values) == 0:
        return np.full(index.shape, pad, values.dtype)
    return np.where(inside, values[np.where(inside, index, 0)], values.dtype.type(pad))
