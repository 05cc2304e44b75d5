"""The order of events: by user and time. Equal times keep the file's order if it is meaningful, else a hash decides."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from attrs import frozen

from recframe.interactions.file_order import TiedPairs, direction_of_time, is_learnable
from recframe.interactions.sorting import order_by

#: The rules that break ties, that is, order events with equal times.
FILE, REVERSED, HASH = "file", "reversed file", "hash"
#: What is reported if there are no ties, if the rows have no times, and if the dataset does not name its rule.
NONE, ROWS, UNKNOWN = "none", "rows", "dataset"


@frozen(eq=False)
class FileEvents:
    """Events in the order of the file.

    Attributes:
        user, item: int [events]; indices into the ids.
        times: int64 [events], in the full precision of the data.
        user_ids, item_ids: The raw ids, whole numbers or text.
        parts: int [events]; at equal times a lower part comes first; None if the data is not split.
        rows: int64 [events], ascending; the row that each event comes from, if a row can hold several events. Events
            of one row keep their order. None if each event has its own row.
        per_second: The unit of the times.
        columns: [events] each; further values, which distinguish events that are otherwise equal.
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
    """The events of a user that have equal times, and how they are ordered.

    Attributes:
        rule: `file`, `reversed file` (its newest rows come first) or `hash`.
        seed: The seed of the hash.
        as_before: bool [events]; whether an event has exactly the time of the user's previous event. Events from the
            same row do not count, since the row gives their order.
    """

    rule: str
    seed: int
    as_before: np.ndarray

    @classmethod
    def of(
        cls, user: np.ndarray, times: np.ndarray, rule: str, seed: int, rows: np.ndarray | None = None
    ) -> EqualTimes:
        """Find the equal times among events that are sorted by user and time."""
        same = (user[1:] == user[:-1]) & (times[1:] == times[:-1])
        if rows is not None:
            same &= rows[1:] != rows[:-1]
        return cls(rule, seed, np.append(False, same))

    def only(self, kept: np.ndarray, user: np.ndarray, times: np.ndarray) -> EqualTimes:
        """The equal times among some of the events.

        Args:
            kept: bool [events].
            user, times: int [kept events].
        """
        # Events of one row have equal times, but none of them is `as_before`.
        changes = np.cumsum(self.as_before)[kept]
        same = (user[1:] == user[:-1]) & (times[1:] == times[:-1]) & (changes[1:] > changes[:-1])
        return EqualTimes(self.rule, self.seed, np.append(False, same))

    def touches(self, events: np.ndarray) -> np.ndarray:
        """bool [n]: whether each of the events, int [n], has the time of the user's previous or next event."""
        touched: np.ndarray = self.as_before[events] | np.append(self.as_before, False)[events + 1]
        return touched


@frozen
class Order:
    """What a run reports about the order of equal times.

    Attributes:
        rule: FILE, REVERSED or HASH; NONE, ROWS or UNKNOWN.
        seed: The seed of the hash.
        neighbours, equal_neighbours: The number of pairs of consecutive events of a user, and of such pairs with equal
            times.
        targets, equal_targets: The number of test targets, and of those that have the time of the previous or next
            event.
    """

    rule: str
    seed: int
    neighbours: int
    equal_neighbours: int
    targets: int
    equal_targets: int

    @classmethod
    def of(cls, equal_times: EqualTimes, users: int, targets: np.ndarray, timed: bool) -> Order:
        """Count the equal times. `targets` are the indices of the test targets."""
        equal = int(np.count_nonzero(equal_times.as_before))
        tied_targets = int(np.count_nonzero(equal_times.touches(targets)))
        rule = ROWS if not timed else equal_times.rule if equal else NONE
        return cls(rule, equal_times.seed, len(equal_times.as_before) - users, equal, len(targets), tied_targets)

    @property
    def summary(self) -> dict[str, Any]:
        """The entry in metrics.json and in the manifest."""
        return {
            "rule": self.rule,
            "seed": self.seed if self.rule == HASH else None,
            "equal_neighbours": self.equal_neighbours / max(self.neighbours, 1),
            "equal_test_targets": self.equal_targets / max(self.targets, 1),
        }

    def notes(self) -> Iterator[str]:
        """A note if there are equal times."""
        if not self.equal_neighbours:
            return
        order = {
            FILE: "in the order of the file",
            REVERSED: "in the reverse order of the file, since its newest rows come first",
            HASH: f"in a random order with seed {self.seed}",
        }.get(self.rule, "in the order of the dataset")
        yield (
            f"equal times: {_share(self.equal_neighbours, self.neighbours)} pairs of consecutive events of a user have "
            f"the same time, and {_share(self.equal_targets, self.targets)} test targets have the time of the previous "
            f"or next event; such events are {order}"
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

    The hash uses the raw ids of user and item, the time in seconds and the seed. So the same events get the same order
    in every format, whatever the shards or the order of the rows.

    Args:
        ties: `file`, `hash`, or `auto`, which decides between these and the file reversed.
    """
    places = order_by(events.user, events.times, *([] if events.parts is None else [events.parts]))
    user, times, parts = (_take(values, places) for values in (events.user, events.times, events.parts))
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
    """Reorder tied events in place by a rule. Events of one row stay together and keep their order."""
    in_tie = np.append(False, tied) | np.append(tied, False)
    at = np.flatnonzero(in_tie)
    group = np.cumsum(~np.append(False, tied))[at]
    if rule == REVERSED:
        order = np.lexsort((-rows[at], group))
    else:
        first = (
            places[at] if events.rows is None else np.searchsorted(events.rows, rows[at])
        )  # the first event of each row
        order = np.lexsort((rows[at], _hashes_of_columns(events.columns, first), _hashes(events, first, seed), group))
    places[at] = places[at[order]]


def _take(values: np.ndarray | None, places: np.ndarray | None) -> np.ndarray | None:
    return values if values is None or places is None else values[places]


def _hashes(events: FileEvents, at: np.ndarray, seed: int) -> np.ndarray:
    """uint64 [n]: hashes of the events `at`, from the text of their ids, their time in seconds and a seed."""
    mixed = np.full(len(at), seed % (1 << 64), np.uint64)
    for codes, ids in ((events.user[at], events.user_ids), (events.item[at], events.item_ids)):
        distinct, place = np.unique(codes, return_inverse=True)
        mixed = _splitmix(mixed ^ _text_hashes(ids[distinct])[place])
    return _splitmix(mixed ^ (events.times[at] // events.per_second).astype(np.uint64))


def _hashes_of_columns(columns: Sequence[np.ndarray], at: np.ndarray) -> np.ndarray:
    """uint64 [n]: hashes of the events `at`, from their further columns."""
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
    """The finalizer of SplitMix64 (Steele, Lea and Flood 2014): each output bit depends on every input bit."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: np.ndarray = values ^ (values >> np.uint64(31))
    return mixed
