"""Interactions in columns: flat arrays sorted by user and time, with row offsets. Histories are not copied."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import evolve, field, frozen

from recframe.errors import DataError
from recframe.errors.nearest import suggestion
from recframe.interactions.chunks import occurrences
from recframe.interactions.ordering import EqualTimes, FileEvents, order_events
from recframe.runtime.encoding import TIME_SIZES, TIME_SOURCES, time_values

#: The parts of a split. A CONTEXT event is part of histories, but it is not a target.
TRAIN, VALIDATION, TEST, CONTEXT = 0, 1, 2, 3


@frozen(eq=False)
class Column:
    """The values of a feature's source: `values[index[event]]` is the value of an event."""

    values: np.ndarray
    index: np.ndarray


@frozen(eq=False)
class Interactions:
    """Which user used which item, and when.

    Attributes:
        offsets: int64 [users + 1]; the events of user u are rows offsets[u] to offsets[u + 1], oldest first.
        item: int32 [events]; the row of the item table.
        timestamp: int64 [events]; seconds.
        user_ids: [users] raw ids.
        items: The item table: columns of equal length. `id` holds the raw ids. `title` is optional and is displayed. A
            column of lists (object dtype) has several values per step.
        events: Further columns of the events, such as `rating`.
        users: Columns of the users, such as `age`.
        notes: Notes for the user, such as on duplicates and rows that were left out.
        parts: int8 [events]; TRAIN, VALIDATION, TEST or CONTEXT if the data is already split; else None.
        categories: For each text column of the events: its distinct texts, sorted. The column then holds int32
            indices into them.
        timed: Whether `timestamp` holds times. If not, it only gives the order.
        equal_times: Which events have the time of the previous event, and how they are ordered. None: computed from
            the timestamps, in the order of the dataset.
    """

    offsets: np.ndarray
    item: np.ndarray
    timestamp: np.ndarray
    user_ids: np.ndarray
    items: Mapping[str, np.ndarray]
    events: Mapping[str, np.ndarray] = field(factory=dict)
    users: Mapping[str, np.ndarray] = field(factory=dict)
    notes: tuple[str, ...] = ()
    parts: np.ndarray | None = None
    categories: Mapping[str, np.ndarray] = field(factory=dict)
    timed: bool = True
    equal_times: EqualTimes | None = None

    def __repr__(self) -> str:
        columns = ", ".join([*self.items, *self.events, *self.users])
        return (
            f"Interactions({self.num_events:,} events of {self.num_users:,} users with {self.num_items:,} items; "
            f"columns {columns})"
        )

    @classmethod
    def from_columns(
        cls,
        user: np.ndarray,
        item: np.ndarray,
        timestamp: np.ndarray,
        items: Mapping[str, np.ndarray],
        events: Mapping[str, np.ndarray] | None = None,
        parts: np.ndarray | None = None,
        seed: int | None = 1,
    ) -> Interactions:
        """Sort events by user and time. At equal times, training events come before validation and test events.

        Args:
            user: [events] raw user ids.
            item: int [events] rows of the item table.
            timestamp: int [events] seconds.
            parts: int [events] the part of each event, if the data is already split.
            seed: Draws the order of a user's events with equal times, unless the rows are a log whose order cannot be
                learnt. None keeps the order of the rows.

        Raises:
            DataError: There are no events, or a part is not one of the four.
        """
        if len(user) == 0:
            raise DataError("the data has no interactions")
        if parts is not None and not np.isin(parts, (TRAIN, VALIDATION, TEST, CONTEXT)).all():
            raise DataError("`parts` holds other values than 0 (train), 1 (validation), 2 (test) and 3 (context)")
        user_ids, code = np.unique(user, return_inverse=True)
        parts = None if parts is None else np.asarray(parts).astype(np.int8)
        timestamp = np.asarray(timestamp, np.int64)
        further = tuple((events or {}).values())
        read = FileEvents(code, np.asarray(item), timestamp, user_ids, items["id"], parts, columns=further)
        ties, seed = ("file", 0) if seed is None else ("auto", seed)
        ordered = order_events(read, ties, seed)
        order = slice(None) if ordered.places is None else ordered.places
        return cls(
            offsets=cls.offsets_of(code, len(user_ids)),
            item=np.ascontiguousarray(item[order], np.int32),
            timestamp=np.ascontiguousarray(ordered.times, np.int64),
            user_ids=user_ids,
            items=items,
            events={name: values[order] for name, values in (events or {}).items()},
            parts=None if parts is None else parts[order],
            equal_times=EqualTimes.of(ordered.user, ordered.times, ordered.rule, seed),
        )

    @staticmethod
    def offsets_of(user: np.ndarray, users: int) -> np.ndarray:
        """int64 [users + 1]: the offsets of each user's events.

        Args:
            user: int [events]; the user row of each event, ascending.
            users: The number of users.
        """
        offsets = np.zeros(users + 1, np.int64)
        np.cumsum(occurrences(user, users), out=offsets[1:])
        return offsets

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
        """The item columns that hold lists."""
        return tuple(name for name, values in self.items.items() if name != "id" and values.dtype == object)

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns that a feature's `source` may name, apart from TIME_SOURCES."""
        return tuple(dict.fromkeys(("item", *self.events, *(name for name in self.items if name != "id"))))

    def column(self, source: str) -> Column:
        """The values of a feature's source: `item`, an event column, an item column, or the time.

        Raises:
            DataError: The source does not exist. The message names the nearest one.
        """
        if source == "item":
            return Column(self.items["id"], self.item)
        if source in self.categories:
            return Column(self.categories[source], self.events[source])
        if source in self.events:
            values, index = np.unique(self.events[source], return_inverse=True)
            return Column(values, index.astype(np.int32))
        if source in self.sources and source not in self.lists:
            return Column(self.items[source], self.item)
        if source in TIME_SOURCES and source not in self.lists:
            return self.time_column(source)
        known = (*self.sources, *TIME_SOURCES)
        near = suggestion(source, (*known, *self.users))
        user = f"; {source!r} is a column of the users: give its group scope=user" if source in self.users else near
        raise DataError(f"no column {source!r} in this dataset{user}; it has {', '.join(known)}")

    def only(self, kept: np.ndarray) -> Interactions:
        """The interactions with some of the events, and without users who then have none. The item table stays.

        Args:
            kept: bool [events].
        """
        remaining, user = np.unique(self.user_of_event()[kept], return_inverse=True)
        return evolve(
            self,
            offsets=self.offsets_of(user, len(remaining)),
            item=self.item[kept],
            timestamp=self.timestamp[kept],
            user_ids=self.user_ids[remaining],
            events={name: values[kept] for name, values in self.events.items()},
            users={name: values[remaining] for name, values in self.users.items()},
            parts=None if self.parts is None else self.parts[kept],
            equal_times=None if self.equal_times is None else self.equal_times.only(kept, user, self.timestamp[kept]),
        )

    def time_column(self, source: str) -> Column:
        """One of TIME_SOURCES, computed from the time even if the data has a column of that name.

        Raises:
            DataError: The data has no times.
        """
        if not self.timed:
            raise DataError(
                f"{source!r} needs the time of each event, but this data has only an order; name the column of the "
                "times, or leave the feature out"
            )
        times = time_values(source, self.timestamp, self.offsets)
        if source in TIME_SIZES:  # all values are known, so no sort is needed
            return Column(np.arange(TIME_SIZES[source]), times.astype(np.int32))
        values, index = np.unique(times, return_inverse=True)
        return Column(values, index.astype(np.int32))

    def user_of_event(self) -> np.ndarray:
        """int32 [events]: the user row of each event."""
        return np.repeat(np.arange(self.num_users, dtype=np.int32), np.diff(self.offsets))
