"""The order of events: by user and time, equal times by the file where that means something, else by a seeded hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from attrs import frozen

from recframe.interactions.file_order import TiedPairs, direction_of_time, is_learnable
from recframe.interactions.sorting import order_by

#: What breaks equal times.
FILE, REVERSED, HASH = "file", "reversed file", "hash"
#: What is reported if there are no equal times, if the rows have no times, and if the dataset does not say.
NONE, ROWS, UNKNOWN = "none", "rows", "dataset"


@frozen(eq=False)
class FileEvents:
    """Events in the order of the file.

    Attributes:
        user, item: int [events]; places in the ids.
        times: int64 [events], in the full precision of the data.
        user_ids, item_ids: The raw ids, whole numbers or text.
        parts: int [events]; at one time a lower part comes first; None where the data is not split.
        rows: int64 [events], rising; the row that each event comes from, where one row has several: they keep the order
            in which they stand. None: each has its own.
        per_second: The unit of the times.
        columns: [events] each; further values, which tell apart events that are equal in all else.
    """

    user: np.ndarray
    item: np.ndarray
    times: np.ndarray
    user_ids: np.ndarray
    item_ids: np.ndarray
    parts: np.ndarray | None = None
    rows: np.ndarray | None = None
    per_second: int = 1
    columns: Sequence[np.ndarray] = ()


@frozen(eq=False)
class EqualTimes:
    """The events of a user that have the same time, and what their order is.

    Attributes:
        rule: `file`, `reversed file` (its newest rows come first) or `hash`.
        seed: That of the hash.
        as_before: bool [events]; whether an event has the time of the user's event before it, to the last digit. An
            event out of the same row does not count, since the row tells the order.
    """

    rule: str
    seed: int
    as_before: np.ndarray

    @classmethod
    def of(
        cls, user: np.ndarray, times: np.ndarray, rule: str, seed: int, rows: np.ndarray | None = None
    ) -> EqualTimes:
        """Of events by user and time."""
        same = (user[1:] == user[:-1]) & (times[1:] == times[:-1])
        if rows is not None:
            same &= rows[1:] != rows[:-1]
        return cls(rule, seed, np.append(False, same))

    def touches(self, events: np.ndarray) -> np.ndarray:
        """bool: which of some events have the time of the user's event before or after."""
        touched: np.ndarray = self.as_before[events] | np.append(self.as_before, False)[events + 1]
        return touched


@frozen
class Order:
    """What a run reports about the order of equal times.

    Attributes:
        rule: FILE, REVERSED or HASH; NONE, ROWS or UNKNOWN.
        seed: That of the hash.
        neighbours, equal_neighbours: Pairs of events of a user that follow each other, and those with one time.
        targets, equal_targets: Test targets, and those that have the time of the event before or after.
    """

    rule: str
    seed: int
    neighbours: int
    equal_neighbours: int
    targets: int
    equal_targets: int

    @classmethod
    def of(cls, equal_times: EqualTimes, users: int, targets: np.ndarray, timed: bool) -> Order:
        """Of the events of some users, with the places of the test targets among them."""
        equal = int(np.count_nonzero(equal_times.as_before))
        tied_targets = int(np.count_nonzero(equal_times.touches(targets)))
        rule = ROWS if not timed else equal_times.rule if equal else NONE
        return cls(rule, equal_times.seed, len(equal_times.as_before) - users, equal, len(targets), tied_targets)

    @property
    def summary(self) -> dict[str, Any]:
        """What metrics.json and the manifest say."""
        return {
            "rule": self.rule,
            "seed": self.seed if self.rule == HASH else None,
            "equal_neighbours": self.equal_neighbours / max(self.neighbours, 1),
            "equal_test_targets": self.equal_targets / max(self.targets, 1),
        }

    def notes(self) -> Iterator[str]:
        """A note where there are equal times."""
        if not self.equal_neighbours:
            return
        order = {
            FILE: "in the order of the file",
            REVERSED: "in the order of the file, from its end, since its newest rows come first",
            HASH: f"in an order drawn by seed {self.seed}",
        }.get(self.rule, "as the dataset gives them")
        yield (
            f"equal times: {_share(self.equal_neighbours, self.neighbours)} neighbouring events of a user have the "
            f"same time, and so have {_share(self.equal_targets, self.targets)} test targets with the event before or "
            f"after; they stand {order}"
        )


def _share(count: int, of: int) -> str:
    return f"{count:,} of {of:,} ({count / max(of, 1):.1%})"


@frozen(eq=False)
class Ordered:
    """Events in order.

    Attributes:
        places: int64 [events]; which event of the file stands where; None where they stand so already.
        rule: What breaks equal times: FILE, REVERSED or HASH.
        user, times: Those of the events, in order.
    """

    places: np.ndarray | None
    rule: str
    user: np.ndarray
    times: np.ndarray


def order_events(events: FileEvents, ties: str, seed: int) -> Ordered:
    """Put events in order of user, time and part.

    The hash is of the raw ids of user and item, the second and the seed, so that the same events stand in the same
    order whatever the format, the shards or the order of the rows.

    Args:
        ties: `file`, `hash`, or `auto`, which decides between these and the file reversed.
    """
    places = order_by(events.user, events.times, *([] if events.parts is None else [events.parts]))
    user, times, parts = (_taken(values, places) for values in (events.user, events.times, events.parts))
    assert user is not None
    assert times is not None
    tied = (user[1:] == user[:-1]) & (times[1:] == times[:-1])
    if parts is not None:
        tied &= parts[1:] == parts[:-1]
    if ties == FILE or not tied.any():
        return Ordered(places, FILE, user, times)
    places = np.arange(len(user)) if places is None else places
    rows = places if events.rows is None else events.rows[places]
    rule = ties if ties != "auto" else _rule(events, places, tied, direction_of_time(user, times, rows, parts))
    if rule != FILE:
        _break_ties(events, places, rows, tied, rule, seed)
    return Ordered(places, rule, user, times)


def _rule(events: FileEvents, places: np.ndarray, tied: np.ndarray, direction: int) -> str:
    if direction == 0:
        return HASH
    first = np.flatnonzero(tied if events.rows is None else tied & (np.diff(events.rows[places]) != 0))
    pairs = TiedPairs(places[first], places[first + 1], events.user[places[first]])
    if is_learnable(pairs, events.item, events.item_ids):
        return HASH
    return FILE if direction > 0 else REVERSED


def _break_ties(
    events: FileEvents, places: np.ndarray, rows: np.ndarray, tied: np.ndarray, rule: str, seed: int
) -> None:
    """Put the places of tied events in the order of a rule, events of one row staying together as they are."""
    in_tie = np.append(False, tied) | np.append(tied, False)
    at = np.flatnonzero(in_tie)
    group = np.cumsum(~np.append(False, tied))[at]
    if rule == REVERSED:
        order = np.lexsort((-rows[at], group))
    else:
        first = places[at] if events.rows is None else np.searchsorted(events.rows, rows[at])  # of its row
        order = np.lexsort((rows[at], _hashes_of_columns(events.columns, first), _hashes(events, first, seed), group))
    places[at] = places[at[order]]


def _taken(values: np.ndarray | None, places: np.ndarray | None) -> np.ndarray | None:
    return values if values is None or places is None else values[places]


def _hashes(events: FileEvents, at: np.ndarray, seed: int) -> np.ndarray:
    """uint64: of some events, by the text of their ids, their second and a seed."""
    mixed = np.full(len(at), seed % (1 << 64), np.uint64)
    for codes, ids in ((events.user[at], events.user_ids), (events.item[at], events.item_ids)):
        distinct, place = np.unique(codes, return_inverse=True)
        mixed = _splitmix(mixed ^ _text_hashes(ids[distinct])[place])
    return _splitmix(mixed ^ (events.times[at] // events.per_second).astype(np.uint64))


def _hashes_of_columns(columns: Sequence[np.ndarray], at: np.ndarray) -> np.ndarray:
    """uint64: of the further values of some events."""
    mixed = np.zeros(len(at), np.uint64)
    for values in columns:
        taken = values[at]
        numbers = taken.astype(np.float64) if taken.dtype.kind in "biuf" else None
        mixed = _splitmix(mixed ^ (_text_hashes(taken) if numbers is None else numbers.view(np.uint64)))
    return mixed


def _text_hashes(ids: np.ndarray) -> np.ndarray:
    digests = b"".join(hashlib.blake2b(str(value).encode(), digest_size=8).digest() for value in ids.tolist())
    return np.frombuffer(digests, "<u8").astype(np.uint64)


def _splitmix(values: np.ndarray) -> np.ndarray:
    """The finalizer of SplitMix64 (Steele, Lea and Flood 2014): each bit depends on all."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: np.ndarray = values ^ (values >> np.uint64(31))
    return mixed
