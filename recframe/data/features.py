"""Encoded features, from which the model's inputs for a history are gathered."""

from __future__ import annotations

import numpy as np
from attrs import field, frozen

from recframe.plugin.catalogue import FeatureInfo


@frozen(eq=False)
class StepFeature(FeatureInfo):
    """A feature with one value per step.

    Attributes:
        codes: int32 or float32 [events + 1]; the last entry is padding, 0.
    """

    codes: np.ndarray = field(kw_only=True)

    def gather(self, events: np.ndarray, users: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """[rows, length] for events int64 [rows, steps], oldest first, padding at the end."""
        values: np.ndarray = self.codes[events]
        return values


@frozen(eq=False)
class EventLists:
    """Several values per event, such as the genres of its item.

    Attributes:
        values, offsets: List i is values[offsets[i] : offsets[i + 1]]; the last list is empty.
        lists: int [events + 1]; the number of each event's list; the last entry is padding, the empty list.
    """

    values: np.ndarray
    offsets: np.ndarray
    lists: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, sizes: np.ndarray, lists: np.ndarray) -> EventLists:
        """Make it from concatenated lists.

        Args:
            values: [all values]; the lists one after another.
            sizes: int [lists]; the length of each list.
            lists: int [events]; the number of each event's list.
        """
        ends = np.cumsum(sizes, dtype=np.int64)
        padding = np.asarray([len(sizes)], lists.dtype)
        return cls(values, np.concatenate([[0], ends, ends[-1:]]), np.concatenate([lists, padding]))

    def first(self, events: np.ndarray, length: int) -> np.ndarray:
        """[rows, length]: the values of a row's events one after another, cut to `length` or padded with 0.

        Args:
            events: int [rows, steps].
        """
        lists = self.lists[events]
        counts = self.offsets[lists + 1] - self.offsets[lists]
        before = np.cumsum(counts, axis=1) - counts
        cells = np.repeat(np.arange(counts.size), counts.reshape(-1))
        nth = np.arange(len(cells)) - np.repeat(np.cumsum(counts) - counts.reshape(-1), counts.reshape(-1))
        place = before.reshape(-1)[cells] + nth
        kept = place < length
        cells, nth, place = cells[kept], nth[kept], place[kept]
        row_values = np.zeros((len(lists), length), self.values.dtype)
        row_values[cells // lists.shape[1], place] = self.values[self.offsets[lists.reshape(-1)[cells]] + nth]
        return row_values


@frozen(eq=False)
class FlatFeature(FeatureInfo):
    """A feature with several values per step, such as genres, read as one sequence of at most `length` values.

    A longer sequence keeps its oldest values.

    Attributes:
        lists: The values of each event, int32.
    """

    lists: EventLists = field(kw_only=True)

    @property
    def codes(self) -> np.ndarray:
        """int32 [values]; the values of all items."""
        return self.lists.values

    def gather(self, events: np.ndarray, users: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """[rows, length] for events int64 [rows, steps], oldest first, padding at the end."""
        return self.lists.first(events, self.length)


@frozen(eq=False)
class PooledFeature(FeatureInfo):
    """A feature with several values per step, such as an item's genres or the words of a text; the model pools them.

    Attributes:
        codes: int32 or float32 [rows + 1, values]; a row's values, padded with 0; the last row is padding.
        rows: int32 [events + 1]; the row of each event; the last entry is padding, the last row of `codes`.
    """

    codes: np.ndarray = field(kw_only=True)
    rows: np.ndarray = field(kw_only=True)

    def gather(self, events: np.ndarray, users: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """[rows, length, values] for events int64 [rows, steps], oldest first, padding at the end."""
        values: np.ndarray = self.codes[self.rows[events]]
        return values


@frozen(eq=False)
class UserFeature(FeatureInfo):
    """A feature with one value per user. It stands at the first of `length` positions; the others are 0.

    Attributes:
        codes: int32 or float32 [users].
    """

    codes: np.ndarray = field(kw_only=True)

    def gather(self, events: np.ndarray, users: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """[rows, length] for users int32 [rows]."""
        values = np.zeros((len(users), self.length), self.codes.dtype)
        values[:, 0] = self.codes[users]
        return values


@frozen(eq=False)
class NowFeature(FeatureInfo):
    """A feature of the moment of asking, which in training is the time of the event that is predicted.

    Attributes:
        codes: int32 or float32 [events + 1]; the moment of each event; the last entry is padding, 0.
    """

    codes: np.ndarray = field(kw_only=True)

    def gather(self, events: np.ndarray, users: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """[rows, targets] for the predicted events, int64 [rows, targets]: one a history, or one a step."""
        values: np.ndarray = self.codes[targets]
        return values


FeatureData = StepFeature | PooledFeature | FlatFeature | UserFeature | NowFeature


def steps_read(feature: FeatureData, history_length: int) -> int:
    """How many events of the history a feature reads."""
    return feature.length if isinstance(feature, StepFeature | PooledFeature) else history_length
