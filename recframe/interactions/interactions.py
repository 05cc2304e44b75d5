"""Interactions in columns: flat arrays sorted by user and time, with row offsets. Nothing is copied per history."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import field, frozen

from recframe.errors import DataError
from recframe.errors.nearest import suggestion
from recframe.interactions.ordering import EqualTimes, FileEvents, order_events
from recframe.runtime.encoding import TIME_SIZES, TIME_SOURCES, time_values

#: What an event is for. An event of CONTEXT is read before later ones, and neither trained on nor predicted.
TRAIN, VALIDATION, TEST, CONTEXT = 0, 1, 2, 3


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
        parts: int8 [events]; TRAIN, VALIDATION, TEST or CONTEXT, where the data is split already; None where it is not.
        categories: By column of the events whose values are text: the distinct texts, sorted; the column then holds
            int32 places among them.
        timed: Whether `timestamp` holds times; False: it only gives the order.
        equal_times: Which events have the time of the one before, and what their order is; None: as far as seconds
            tell, in the order that the dataset gives them.
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
        """Sort events by user and time; at one time by part, what is trained on before what is predicted.

        Args:
            user: [events] raw user ids.
            item: int [events] rows of the item table.
            timestamp: int [events] seconds.
            parts: int [events] what each event is for, where the data is split already.
            seed: Draws the order of a user's events of one time, unless the rows are a log whose order cannot be
                learnt; None: they stand as they are given.
        """
        if len(user) == 0:
            raise DataError("the data has no interactions")
        if parts is not None and not np.isin(parts, (TRAIN, VALIDATION, TEST, CONTEXT)).all():
            raise DataError(
                "the parts of data that is split already are 0 (train), 1 (validation), 2 (test), 3 (context)"
            )
        user_ids, code = np.unique(user, return_inverse=True)
        parts = None if parts is None else np.asarray(parts).astype(np.int8)
        timestamp = np.asarray(timestamp, np.int64)
        further = tuple((events or {}).values())
        read = FileEvents(code, np.asarray(item), timestamp, user_ids, items["id"], parts, columns=further)
        ties, seed = ("file", 0) if seed is None else ("auto", seed)
        places, rule = order_events(read, ties, seed)
        order = slice(None) if places is None else places
        return cls(
            offsets=cls.offsets_of(code, len(user_ids)),
            item=np.ascontiguousarray(item[order], np.int32),
            timestamp=np.ascontiguousarray(timestamp[order], np.int64),
            user_ids=user_ids,
            items=items,
            events={name: values[order] for name, values in (events or {}).items()},
            parts=None if parts is None else parts[order],
            equal_times=EqualTimes.of(code[order], timestamp[order], rule, seed),
        )

    @staticmethod
    def offsets_of(user: np.ndarray, users: int) -> np.ndarray:
        """int64 [users + 1]: the offsets of events by user, from the user row of each."""
        offsets = np.zeros(users + 1, np.int64)
        np.cumsum(np.bincount(user, minlength=users), out=offsets[1:])
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
        """The columns of the items that hold lists."""
        return tuple(name for name, values in self.items.items() if name != "id" and values.dtype == object)

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns that a feature's `source` may name; TIME_SOURCES it may name besides."""
        return tuple(dict.fromkeys(("item", *self.events, *(name for name in self.items if name != "id"))))

    def column(self, source: str) -> Column:
        """The values behind a feature's source: `item`, a column of the events, an attribute of the items, or the time.

        Raises:
            DataError: for a source that does not exist; the message names the nearest one.
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
            if not self.timed:
                raise DataError(f"{source!r} needs the time of each event, but this data has none, only an order")
            times = time_values(source, self.timestamp, self.offsets)
            if source in TIME_SIZES:  # few and known, so that nothing need be sorted
                return Column(np.arange(TIME_SIZES[source]), times.astype(np.int32))
            values, index = np.unique(times, return_inverse=True)
            return Column(values, index.astype(np.int32))
        known = (*self.sources, *TIME_SOURCES)
        near = suggestion(source, (*known, *self.users))
        user = f"; {source!r} is a column of the users: give its group scope=user" if source in self.users else near
        raise DataError(f"no column {source!r} in this dataset{user}; it has {', '.join(known)}")

    def user_of_event(self) -> np.ndarray:
        """int32 [events]: the user row of each event."""
        return np.repeat(np.arange(self.num_users, dtype=np.int32), np.diff(self.offsets))
