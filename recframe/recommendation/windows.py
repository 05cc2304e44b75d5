"""Model Maker's examples out of interactions: each event of a user but the first is a label once, and the latest events
before it are its context, oldest first, padded on the right.
"""

from __future__ import annotations

import logging

import numpy as np
from attrs import frozen

from recframe.data.features import one_after_another
from recframe.data.sequences import events_before
from recframe.interactions.interactions import Interactions
from recframe.interactions.ordering import HASH

ROWS_AT_ONCE = 32_768
logger = logging.getLogger("recframe.recommendation")


@frozen(eq=False)
class EventLists:
    """Several values an event, such as the genres of its movie.

    Attributes:
        values, offsets: List i has the values offsets[i] to offsets[i + 1]; the last list is empty.
        lists: int [events + 1]; the list of each event; the last entry is the empty one.
    """

    values: np.ndarray
    offsets: np.ndarray
    lists: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, sizes: np.ndarray, lists: np.ndarray) -> EventLists:
        """Of lists one after another.

        Args:
            sizes: int [lists]; the length of each.
            lists: int [events].
        """
        ends = np.cumsum(sizes, dtype=np.int64)
        return cls(values, np.concatenate([[0], ends, ends[-1:]]), np.append(lists, len(sizes)))


@frozen(eq=False)
class Windows:
    """The label of each example, and where its user's events begin: int64 [examples] events."""

    label: np.ndarray
    start: np.ndarray

    @classmethod
    def of(cls, interactions: Interactions, min_length: int) -> Windows:
        """Every event that has one before it, of the users with at least `min_length` events."""
        lengths = np.diff(interactions.offsets)
        start = np.repeat(interactions.offsets[:-1], lengths)
        chosen = (np.arange(len(start)) > start) & np.repeat(lengths >= min_length, lengths)
        return cls(np.flatnonzero(chosen), start[chosen])

    def __len__(self) -> int:
        return len(self.label)

    def take(self, rows: np.ndarray | slice) -> Windows:
        return Windows(self.label[rows], self.start[rows])

    def steps(self, values: np.ndarray, length: int, latest: int | None = None) -> np.ndarray:
        """[examples, length]: the value of each of the latest events before the label, then zeros.

        Args:
            values: [events].
            latest: At most so many events, where that is less than `length`.
        """
        count = length if latest is None else min(length, latest)
        events = events_before(self.start, self.label, count, len(values), length)
        gathered = values.take(events, mode="clip")
        gathered[events == len(values)] = 0
        return gathered

    def entries(self, lists: EventLists, length: int, latest: int) -> np.ndarray:
        """[examples, length]: all values of the latest events, oldest first, of which the first are kept; then 0."""
        gathered = np.zeros((len(self), length), lists.values.dtype)
        for at in range(0, len(self), ROWS_AT_ONCE):
            rows = slice(at, at + ROWS_AT_ONCE)
            events = events_before(self.start[rows], self.label[rows], latest, len(lists.lists) - 1, latest)
            gathered[rows] = one_after_another(lists.values, lists.offsets, lists.lists[events], length)
        return gathered


def say_drawn_order(interactions: Interactions) -> None:
    """A word in the log where the order of equal times had to be drawn."""
    equal = interactions.equal_times
    if equal is not None and equal.rule == HASH:
        logger.warning(
            "%d of %d events have the time of the user's event before, and the rows do not tell their order: it is "
            "drawn by seed %d",
            *(int(np.count_nonzero(equal.as_before)), interactions.num_events, equal.seed),
        )
