"""Interactions in columns: flat arrays sorted by user and time, with row offsets. Nothing is copied per history."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import field, frozen

from recframe.errors import DataError


@frozen(eq=False)
class Column:
    """The values of a feature's source: `values[index[event]]` is the value at an event."""

    values: np.ndarray
    index: np.ndarray


@frozen(eq=False)
class Interactions:
    """Who used what, and when.

    Attributes:
        offsets: int64 [users + 1]; the events of user u are rows offsets[u] to offsets[u + 1], oldest first.
        item: int32 [events]; row of the item table.
        timestamp: int64 [events]; seconds.
        user_ids: [users] raw ids.
        items: The item table: columns of equal length; `id` holds the raw ids; `title`, where given, is shown to
            people; a column of lists (object dtype) gives several values a step.
        events: Further columns of the events, such as `rating`.
        users: Columns of the users, such as `age`.
        notes: What the reader must tell the user (duplicates, rows left out).
    """

    offsets: np.ndarray
    item: np.ndarray
    timestamp: np.ndarray
    user_ids: np.ndarray
    items: Mapping[str, np.ndarray]
    events: Mapping[str, np.ndarray] = field(factory=dict)
    users: Mapping[str, np.ndarray] = field(factory=dict)
    notes: tuple[str, ...] = ()

    @classmethod
    def from_columns(
        cls,
        user: np.ndarray,
        item: np.ndarray,
        timestamp: np.ndarray,
        items: Mapping[str, np.ndarray],
        events: Mapping[str, np.ndarray] | None = None,
        notes: tuple[str, ...] = (),
    ) -> Interactions:
        """Sort events by (user, time), keeping the given order of equal times.

        Args:
            user: [events] raw user ids.
            item: int [events] rows of the item table.
            timestamp: int [events] seconds.
        """
        if len(user) == 0:
            raise DataError("the data has no interactions")
        user_ids, code = np.unique(user, return_inverse=True)
        order = np.lexsort((timestamp, code))
        offsets = np.zeros(len(user_ids) + 1, np.int64)
        np.cumsum(np.bincount(code, minlength=len(user_ids)), out=offsets[1:])
        return cls(
            offsets=offsets,
            item=np.ascontiguousarray(item[order], np.int32),
            timestamp=np.ascontiguousarray(timestamp[order], np.int64),
            user_ids=user_ids,
            items=items,
            events={name: values[order] for name, values in (events or {}).items()},
            notes=notes,
        )

    @property
    def num_users(self) -> int:
        return len(self.offsets) - 1

    @property
    def num_events(self) -> int:
        return len(self.item)

    @property
    def num_items(self) -> int:
        return len(self.items["id"])

    @property
    def lists(self) -> tuple[str, ...]:
        """The columns of the items that hold lists."""
        return tuple(name for name, values in self.items.items() if name != "id" and values.dtype == object)

    @property
    def sources(self) -> tuple[str, ...]:
        """The names that a feature's `source` may take."""
        return ("item", *self.events, *(name for name in self.items if name != "id"))

    def column(self, source: str) -> Column:
        """The values behind a feature's source: `item`, a column of the events, or an attribute of the items."""
        if source == "item":
            return Column(self.items["id"], self.item)
        if source in self.events:
            values, index = np.unique(self.events[source], return_inverse=True)
            return Column(values, index.astype(np.int32))
        if source in self.sources and source not in self.lists:
            return Column(self.items[source], self.item)
        raise DataError(f"no column {source!r} in this dataset; it has {', '.join(self.sources)}")

    def user_of_event(self) -> np.ndarray:
        """int32 [events]: the user row of each event."""
        return np.repeat(np.arange(self.num_users, dtype=np.int32), np.diff(self.offsets))
