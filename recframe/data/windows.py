"""Windows: every event is a label once, and the events before it are its context, oldest first, padded on the right.

The first event of a user is not a label. Windows are made from interactions without a split; they can be split later.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen

from recframe.data.features import EventLists
from recframe.data.sequences import events_before
from recframe.interactions.interactions import Interactions

ROWS_AT_ONCE = 32_768  # bounds the memory of `entries`


@frozen(eq=False)
class Windows:
    """Windows over events.

    Attributes:
        label: int64 [examples]; the event that is the label.
        start: int64 [examples]; the first event of its user.
    """

    label: np.ndarray
    start: np.ndarray

    @classmethod
    def of(cls, interactions: Interactions, min_length: int) -> Windows:
        """A window for every event except the first, of the users with at least `min_length` events."""
        lengths = np.diff(interactions.offsets)
        start = np.repeat(interactions.offsets[:-1], lengths)
        chosen = (np.arange(len(start)) > start) & np.repeat(lengths >= min_length, lengths)
        return cls(np.flatnonzero(chosen), start[chosen])

    def __len__(self) -> int:
        return len(self.label)

    def take(self, rows: np.ndarray | slice) -> Windows:
        return Windows(self.label[rows], self.start[rows])

    def leaking_into(self, train: Windows) -> int:
        """The number of labels that may be in a context of `train`: `train` has a later label of the same user."""
        if len(train) == 0 or len(self) == 0:
            return 0
        starts, user = np.unique(np.concatenate([train.start, self.start]), return_inverse=True)
        latest = np.full(len(starts), -1, np.int64)
        np.maximum.at(latest, user[: len(train)], train.label)
        return int(np.count_nonzero(self.label < latest[user[len(train) :]]))

    def steps(self, values: np.ndarray, length: int, latest: int | None = None) -> np.ndarray:
        """[examples, length]: the values of the latest events before the label, then zeros.

        Args:
            values: [events].
            latest: Read at most this many events; None for `length`.
        """
        count = length if latest is None else min(length, latest)
        events = events_before(self.start, self.label, count, len(values), length)
        gathered = values.take(events, mode="clip")
        gathered[events == len(values)] = 0
        return gathered

    def entries(self, lists: EventLists, length: int, latest: int) -> np.ndarray:
        """[examples, length]: the first values of the `latest` events before the label, oldest first; then zeros."""
        gathered = np.zeros((len(self), length), lists.values.dtype)
        for at in range(0, len(self), ROWS_AT_ONCE):
            rows = slice(at, at + ROWS_AT_ONCE)
            events = events_before(self.start[rows], self.label[rows], latest, len(lists.lists) - 1, latest)
            gathered[rows] = lists.first(events, length)
        return gathered
