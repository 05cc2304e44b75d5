"""The order of events against plain sorting, and equal times against what a model could learn of a file."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from recframe.interactions.file_order import SIGNIFICANCE, is_significant
from recframe.interactions.interactions import Interactions
from recframe.interactions.ordering import EqualTimes, FileEvents, order_events
from tests.data.test_features import _prepared

Event = tuple[int, int, int]  # user, item, time


def ordered(events: list[Event], ties: str = "auto", seed: int = 1, **more: Any) -> tuple[list[int], str]:
    """The rows' places in order, and the rule."""
    user, item, times = (np.array(column, np.int64) for column in zip(*events, strict=True))
    user_ids, users = np.unique(user, return_inverse=True)
    item_ids, items = np.unique(item, return_inverse=True)
    ordered = order_events(FileEvents(users, items, times, user_ids, item_ids, **more), ties, seed)
    places, rule = ordered.places, ordered.rule
    return (list(range(len(events))) if places is None else places.tolist()), rule


def log(users: int = 40, moments: int = 12, at_once: int = 4, items: int = 200, seed: int = 0) -> list[Event]:
    """Rows in order of time, in which each user has several random items at once."""
    rng = np.random.default_rng(seed)
    rows = []
    for moment in range(moments):
        for user in rng.permutation(users).tolist():
            drawn = rng.choice(items, at_once, replace=False).tolist()
            rows += [(user, item, 1000 * moment + user) for item in drawn]
    return rows


def items_of(rows: list[Event], places: list[int]) -> list[Event]:
    return [rows[place] for place in places]


SCALES = {"seconds": 10**9, "milliseconds": 10**6, "nanoseconds": 1, "units too small for one key": 3}


@pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES)
@pytest.mark.parametrize("split", [False, True])
@given(
    rows=st.lists(st.tuples(st.integers(1, 4), st.integers(1, 9), st.integers(0, 5)), min_size=1, max_size=40),
    start=st.sampled_from((0, 1_600_000_000)),
    data=st.data(),
)
def test_events_stand_by_user_time_and_part_and_else_as_they_are(
    scale: int, split: bool, rows: list[Event], start: int, data: st.DataObject
) -> None:
    rows = [(user, item, (start + time) * scale) for user, item, time in rows]
    if scale == 3:
        rows.append((1, 1, 9 * 10**18 + 1))
    parts = data.draw(st.lists(st.integers(0, 3), min_size=len(rows), max_size=len(rows))) if split else [0] * len(rows)
    expected = sorted(range(len(rows)), key=lambda place: (rows[place][0], rows[place][2], parts[place]))
    assert ordered(rows, "file", parts=np.array(parts, np.int8) if split else None) == (expected, "file")


def test_a_log_keeps_its_order() -> None:
    rows = log()
    places, rule = ordered(rows)
    assert rule == "file"
    assert places == sorted(range(len(rows)), key=lambda place: (rows[place][0], rows[place][2]))


def test_a_log_by_user_keeps_its_order() -> None:
    rows = sorted(log(), key=lambda row: row[0])
    assert ordered(rows) == (list(range(len(rows))), "file")


def test_a_log_from_its_newest_event_is_turned_round() -> None:
    rows = log()
    turned = rows[::-1]
    places, rule = ordered(turned)
    assert rule == "reversed file"
    assert items_of(turned, places) == items_of(rows, ordered(rows)[0])


def test_rows_in_no_order_of_time_are_hashed() -> None:
    rows = log()
    np.random.default_rng(1).shuffle(rows)
    assert ordered(rows)[1] == "hash"


def test_one_event_out_of_order_makes_it_no_log() -> None:
    rows = log()
    rows.append(rows.pop(3))
    assert ordered(rows)[1] == "hash"


def test_a_few_rows_are_no_log() -> None:
    assert ordered([(1, 5, 1), (1, 3, 2), (1, 4, 2), (1, 6, 3)])[1] == "hash"
    assert ordered([(1, item, 7) for item in (5, 3, 4)])[1] == "hash"


def by_popularity(rows: list[Event]) -> Callable[[Event], int]:
    counts = np.bincount([item for _, item, _ in rows])
    return lambda row: -int(counts[row[1]])


def by_a_secret_order(rows: list[Event]) -> Callable[[Event], int]:
    rank = np.random.default_rng(9).permutation(1 + max(item for _, item, _ in rows))
    return lambda row: int(rank[row[1]])


LEARNABLE: dict[str, Callable[[list[Event]], Callable[[Event], Any]]] = {
    "rising id": lambda rows: lambda row: row[1],
    "falling id": lambda rows: lambda row: -row[1],
    "id as text": lambda rows: lambda row: str(row[1]),
    "popularity": by_popularity,
    "title, or whatever": by_a_secret_order,
}


@pytest.mark.parametrize("key", LEARNABLE.values(), ids=LEARNABLE)
@pytest.mark.parametrize("newest_first", [False, True])
def test_a_log_that_is_sorted_within_a_moment_is_hashed(
    key: Callable[[list[Event]], Callable[[Event], Any]], newest_first: bool
) -> None:
    rows = log()
    within = key(rows)
    rows.sort(key=lambda row: (-row[2] if newest_first else row[2], within(row)))
    assert ordered(rows)[1] == "hash"


@pytest.mark.parametrize("form", [lambda item: f"{item}", lambda item: f"film {item}"], ids=["digits", "words"])
def test_ids_of_text_that_are_sorted_as_numbers_are_hashed(form: Callable[[int], str]) -> None:
    # Many items, each of them rare, so that their numbers alone tell.
    rows = sorted(log(items=3000), key=lambda row: (row[2], row[1]))
    user, item, time = (np.array(column) for column in zip(*rows, strict=True))
    item_ids, items = np.unique([form(number) for number in item.tolist()], return_inverse=True)
    assert order_events(FileEvents(user, items, time, np.unique(user), item_ids), "auto", 1).rule == "hash"


def test_items_in_order_of_their_first_appearance_are_hashed() -> None:
    rows, first = log(items=60), {}
    for place, (_, item, _) in enumerate(rows):
        first.setdefault(item, place)
    rows.sort(key=lambda row: (row[2], first[row[1]]))
    rng = np.random.default_rng(3)
    names = rng.permutation(60)  # so that the ids say nothing
    assert ordered([(user, int(names[item]), time) for user, item, time in rows])[1] == "hash"


def test_new_items_of_a_log_are_not_taken_for_an_order() -> None:
    """A new item always comes after the known ones by first appearance; that says nothing of the file."""
    rules = []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        names = rng.permutation(10**5).tolist()
        rows = []
        for time in range(300):
            pair = [names[rng.integers(0, 5)], names[1000 + time]]  # a known item and a new one
            rows += [(time % 10, pair[place], time) for place in rng.permutation(2).tolist()]
        rules.append(ordered(rows)[1])
    # Six tests at 1 % each err now and then.
    assert rules.count("file") >= 25


def test_the_hash_depends_on_nothing_but_ids_time_and_seed() -> None:
    rows = log()
    expected = items_of(rows, ordered(rows, "hash")[0])
    for shuffle in range(3):
        other = list(rows)
        np.random.default_rng(shuffle).shuffle(other)
        assert items_of(other, ordered(other, "hash")[0]) == expected
    # Other items and users beside them change codes, counts and places, and not the order.
    more = [(100 - place, 5000 + place, place) for place in range(50)] + rows + [(-1, -7, 3)]
    kept = [row for row in items_of(more, ordered(more, "hash")[0]) if row[1] in range(5000) and row[0] in range(40)]
    assert kept == expected
    assert items_of(rows, ordered(rows, "hash", seed=2)[0]) != expected


def test_the_hash_is_the_same_for_numbers_and_their_text_and_for_any_unit() -> None:
    rows = log()
    user, item, time = (np.array(column) for column in zip(*rows, strict=True))
    expected, _ = ordered(rows, "hash")
    ids, codes = np.unique(item.astype(str), return_inverse=True)
    names, users = np.unique(user.astype(str), return_inverse=True)
    made = FileEvents(users, codes, time * 10**9, names, ids, per_second=10**9)
    places = order_events(made, "hash", 1).places
    assert places is not None
    order = {name: place for place, name in enumerate(np.unique(user).tolist())}
    by_number = sorted(places.tolist(), key=lambda place: order[user[place]])
    assert by_number == expected


def test_the_hash_favours_no_item() -> None:
    rows = log(users=200)
    hashed = items_of(rows, ordered(sorted(rows), "hash")[0])
    pairs = [(a, b) for a, b in itertools.pairwise(hashed) if a[0] == b[0] and a[2] == b[2]]
    rising = sum(a[1] < b[1] for a, b in pairs)
    assert abs(rising / len(pairs) - 0.5) < 3 / math.sqrt(len(pairs))
    # Nor has an item the same place wherever it is drawn.
    early = np.zeros(200)
    for a, b in pairs:
        early[a[1]] += 1
        early[b[1]] -= 1
    assert np.abs(early).max() < 6 * math.sqrt(len(pairs) / 100)


def test_events_that_are_equal_but_for_their_values_have_one_order() -> None:
    rows = [(1, 1, 5)] * 6
    values = np.array([3.0, 1.0, 2.0, 5.0, 4.0, 6.0])
    kinds = np.array(["b", "a", "c", "e", "d", "f"])
    shuffled = np.random.default_rng(0).permutation(6)
    one = ordered(rows, "hash", columns=(values, kinds))[0]
    two = ordered(rows, "hash", columns=(values[shuffled], kinds[shuffled]))[0]
    assert values[one].tolist() == values[shuffled][two].tolist()


@pytest.mark.parametrize("ties", ["file", "hash", "auto"])
@pytest.mark.parametrize("newest_first", [False, True])
def test_events_of_one_row_stay_in_its_order(ties: str, newest_first: bool) -> None:
    rng = np.random.default_rng(0)
    lists = [
        (user, time, [int(item) for item in rng.integers(0, 90, rng.integers(1, 5))])
        for time in range(20) for user in range(6) for _ in range(2)
    ]  # fmt: skip
    lists = lists[::-1] if newest_first else lists
    rows = [(user, item, time) for user, time, items in lists for item in items]
    row = np.repeat(np.arange(len(lists)), [len(items) for _, _, items in lists])
    places, rule = ordered(rows, ties, rows=row)
    assert rule == (ties if ties != "auto" else "reversed file" if newest_first else "file")
    runs: list[list[int]] = []
    for place in places:
        if not runs or row[runs[-1][-1]] != row[place]:
            runs.append([])
        runs[-1].append(place)
    assert len(runs) == len(lists)  # no row is torn apart
    assert all(run == sorted(run) for run in runs)
    user, times = (np.array([rows[place][column] for place in places]) for column in (0, 2))
    equal = EqualTimes.of(user, times, rule, 1, row[places])
    assert int(equal.as_before.sum()) == len(lists) // 2  # of two rows at a time, and not within a row


@given(st.integers(0, 400), st.integers(0, 400))
def test_one_sided_is_the_exact_binomial_test(count: int, more: int) -> None:
    of = count + more
    tail = sum(math.comb(of, heads) for heads in range(min(count, more) + 1))
    assert is_significant(count, of) == (200 * tail < 2**of and 2 * min(count, more) < of)
    assert SIGNIFICANCE == 0.01


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), sort=st.booleans())
def test_what_is_told_is_what_a_plain_loop_counts(seed: int, sort: bool) -> None:
    rows = log(users=12, moments=6, at_once=2, items=30, seed=seed)
    keep = np.random.default_rng(seed).random(len(rows)) < 0.7
    rows = [row for row, kept in zip(rows, keep, strict=True) if kept]
    rows = sorted(rows, key=lambda row: row[1]) if sort else rows
    user, item, time = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    data = Interactions.from_columns(user, item, time, {"id": np.arange(30)}, seed=7)
    prepared = _prepared(data, "item:{type:int}")
    neighbours = equal = targets = touched = 0
    for who in set(user.tolist()):
        times = sorted(moment for one, _, moment in rows if one == who)
        neighbours += len(times) - 1
        equal += sum(a == b for a, b in itertools.pairwise(times))
        if len(times) >= 3:
            targets += 1
            touched += times[-1] == times[-2]
    summary = prepared.order.summary
    assert summary["equal_neighbours"] == equal / neighbours
    assert summary["equal_test_targets"] == touched / targets
    expected = "none" if not equal else "hash" if sort else summary["rule"]
    assert summary["rule"] == expected
    assert summary["seed"] == (7 if expected == "hash" else None)
    notes = [note for note in prepared.all_notes if note.startswith("equal times: ")]
    assert len(notes) == bool(equal)
    for note in notes:
        assert f"{equal:,} of {neighbours:,} (" in note
        assert f"{touched:,} of {targets:,} (" in note
        assert ("random order with seed 7" in note) == (expected == "hash")


def test_a_target_in_the_middle_is_touched_from_both_sides() -> None:
    equal = EqualTimes.of(np.array([1, 1, 1, 1, 2, 2]), np.array([1, 2, 2, 3, 3, 4]), "file", 1)
    assert equal.as_before.tolist() == [False, False, True, False, False, False]
    assert equal.touches(np.arange(6)).tolist() == [False, True, True, False, False, False]
