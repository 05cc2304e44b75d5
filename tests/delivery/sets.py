"""Seven made-up data sets, each with a difficulty, and what is right of them by a plain reading of their files."""

from __future__ import annotations

import csv
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.delivery.plain import Target

ITEM_FEATURE = "groups.history.features.item.type=string"
Row = dict[str, str]


@dataclass
class Expected:
    """What a plain reading of the files gives.

    Attributes:
        training: Item of each training event.
        test: The test targets.
        unreachable: Test targets that are repeats.
        exclude_seen: Whether seen items are left out.
        notes: Texts that must stand in the notes.
    """

    items: set[str]
    training: list[str]
    test: list[Target]
    unreachable: int
    exclude_seen: bool
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class MadeUp:
    """A data set: writes its files into a folder, and gives the overrides and what is right."""

    name: str
    write: Callable[[Path], list[str]]
    expect: Callable[[Path], Expected]


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def last_one_out(
    rows: Sequence[Row], values_of: Callable[[str, list[Row]], dict[str, list[Any]]] | None = None
) -> Expected:
    """The last event of each user tests, the one before validates; users of fewer than 3 events are trained on.

    Args:
        values_of: Returns the values by input, from a user and the events of the history.
    """
    of_user: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        of_user[row["user"]].append(row)
    training: list[str] = []
    test: list[Target] = []
    targets = repeats = 0
    for user, events in of_user.items():
        events.sort(key=lambda row: float(row["timestamp"]))  # stable: the file's order at equal times
        items = [row["item"] for row in events]
        kept = items[:-2] if len(items) >= 3 else items
        training += kept
        targets += len(kept) - 1
        repeats += sum(item in kept[:place] for place, item in enumerate(kept) if place)
        if len(items) >= 3:
            *times, now = (int(row["timestamp"]) for row in events)
            values = values_of(user, events[:-1]) if values_of else {}
            test.append(Target(items[-1], items[:-1], values, times, now))
    excluded = repeats / targets < 0.1
    unreachable = sum(target.item in target.history for target in test) if excluded else 0
    return Expected({row["item"] for row in rows}, training, test, unreachable, excluded)


def _chains(rng: random.Random, items: Sequence[str], length: int) -> list[str]:
    """Items that mostly follow one another, none twice."""
    left, place, chain = list(items), rng.randrange(len(items)), []
    while len(chain) < length and left:
        place = place % len(left)
        chain.append(left.pop(place))
        place += 0 if rng.random() < 0.8 else rng.randrange(len(items))
    return chain


def _repeats(folder: Path) -> list[str]:
    rng, rows = random.Random(1), []
    for user in range(60):
        own = rng.sample(range(30), 5)
        for event in range(rng.randint(6, 14)):
            rows.append({"user": f"u{user}", "item": f"s{rng.choice(own)}", "timestamp": 10_000 * user + event})
    write(folder / "events.csv", rows)
    return [f"dataset.path={folder / 'events.csv'}"]


def _expect_repeats(folder: Path) -> Expected:
    expected = last_one_out(read(folder / "events.csv"))
    assert not expected.exclude_seen
    return expected


def _long(folder: Path) -> list[str]:
    rng, rows = random.Random(2), []
    items = [f"i{n}" for n in range(80)]
    for user in range(50):
        for event, item in enumerate(_chains(rng, items, rng.randint(20, 60))):
            rows.append({"user": f"u{user}", "item": item, "timestamp": 1_600_000_000 + 100 * event})
    write(folder / "events.csv", rows)
    return [f"dataset.path={folder / 'events.csv'}", "model.history_length=8"]


def _ties(folder: Path) -> list[str]:
    """A log: in order of time, several events a second, in no order that could be learnt."""
    rng, rows = random.Random(3), []
    items = [f"i{n}" for n in range(40)]
    for user in range(50):
        chain = rng.sample(items, 12)
        rows += [
            {"user": f"u{user}", "item": item, "timestamp": 1_600_000_000 + event // 3}
            for event, item in enumerate(chain)
        ]
    rows.sort(key=lambda row: row["timestamp"])
    write(folder / "events.csv", rows)
    return [f"dataset.path={folder / 'events.csv'}"]


def _expect_ties(folder: Path) -> Expected:
    expected = last_one_out(read(folder / "events.csv"))
    # Of 11 neighbours of a user 8 have one second, and so has each test target, the last of three.
    expected.notes = [
        "equal times: 400 of 550 (72.7%) pairs of consecutive events",
        "50 of 50 (100.0%) test targets",
        "in the order of the file",
    ]
    return expected


def _cold(folder: Path) -> list[str]:
    """Split already; ten of the test's users are not in training or validation, and some events are repeats."""
    rng = random.Random(4)
    items = [f"i{n}" for n in range(40)]
    parts: dict[str, list[Row]] = {"train": [], "valid": [], "test": []}
    for user in range(50):
        chain = [*_chains(rng, items, 8), rng.choice(items)]
        for event, item in enumerate(chain):
            part = "train" if event < 7 else "valid" if event < 8 else "test"
            if user < 10 and part != "test":
                continue
            parts[part].append({"user": f"u{user}", "item": item, "timestamp": str(1_600_000_000 + event)})
    for part, rows in parts.items():
        write(folder / f"{part}.csv", rows)
    options = {"path": "train", "validation": "valid", "test": "test"}
    return [f"dataset.{option}={folder / part}.csv" for option, part in options.items()]


def _expect_cold(folder: Path) -> Expected:
    train, valid, test = (read(folder / f"{part}.csv") for part in ("train", "valid", "test"))
    before: dict[str, list[str]] = defaultdict(list)
    for row in (*train, *valid):
        before[row["user"]].append(row["item"])
    targets = [Target(row["item"], before[row["user"]]) for row in test if before[row["user"]]]
    assert len(targets) == 40
    unreachable = sum(target.item in target.history for target in targets)
    assert unreachable
    items = {row["item"] for row in (*train, *valid, *test)}
    return Expected(items, [row["item"] for row in train], targets, unreachable, True)


SIDE = (
    "groups={history:{features:{item:{type:string,source:item},rating:{type:float,source:rating,scale:standard},"
    "genre:{type:string,source:genre}}},who:{scope:user,encoder:bow,features:{age:{type:float,source:age,scale:standard}}}}"
)


def _side(folder: Path) -> list[str]:
    rng, rows = random.Random(5), []
    items = [f"i{n}" for n in range(40)]
    for user in range(50):
        for event, item in enumerate(_chains(rng, items, rng.randint(5, 15))):
            rating = rng.choice(["1", "2.5", "4", "5"])
            rows.append({"user": f"u{user}", "item": item, "timestamp": 1_600_000_000 + event, "rating": rating})
    write(folder / "events.csv", rows)
    write(folder / "items.csv", [{"item": item, "genre": f"g{n % 5}"} for n, item in enumerate(items)])
    write(folder / "users.csv", [{"user": f"u{user}", "age": 20 + user % 30} for user in range(50)])
    paths = {"path": "events", "items": "items", "users": "users"}
    return [
        *(f"dataset.{option}={folder / name}.csv" for option, name in paths.items()),
        "model.history_length=6",
        SIDE,
    ]


def _expect_side(folder: Path) -> Expected:
    ages = {row["user"]: row["age"] for row in read(folder / "users.csv")}
    return last_one_out(
        read(folder / "events.csv"),
        lambda user, events: {"rating": [float(row["rating"]) for row in events], "age": [float(ages[user])]},
    )


TEXT = "groups={history:{features:{item:{type:string,source:item},version:{type:string,source:version}}}}"


def _text(folder: Path) -> list[str]:
    """Ids and versions that look like numbers, and that are other ones as numbers."""
    rng, rows = random.Random(6), []
    items = [f"{n:04}" for n in range(30)] + [f"{n}.{m}" for n in range(3) for m in ("1", "10", "0")]
    versions = ["1.1", "1.10", "2", "2.0", "1e3", "1000"]
    for user in range(60):
        for event, item in enumerate(_chains(rng, items, rng.randint(5, 12))):
            version = rng.choice(versions)
            rows.append({"user": f"{user:03}", "item": item, "timestamp": 1_600_000_000 + event, "version": version})
    write(folder / "events.csv", rows)
    return [f"dataset.path={folder / 'events.csv'}", TEXT]


def _expect_text(folder: Path) -> Expected:
    return last_one_out(
        read(folder / "events.csv"), lambda user, events: {"version": [row["version"] for row in events]}
    )


HOUR = "the hour decides"
MOMENT = (
    "groups.now={scope:now,features:{hour:{type:int},day:{type:string,source:weekday},"
    "away:{type:float,source:time_since_previous,scale:standard}}}"
)


def _hours(folder: Path) -> list[str]:
    """Some items are of the morning and the others of the evening. The history does not tell which time is next."""
    rng, rows = random.Random(7), []
    for user in range(150):
        left = {7: [f"m{n}" for n in range(15)], 19: [f"e{n}" for n in range(15)]}
        for event in range(12):
            start = rng.choice(list(left))
            item = left[start].pop(rng.randrange(len(left[start])))
            time = 1_600_041_600 + 86_400 * event + 3600 * (start + rng.randrange(3)) + rng.randrange(3600)
            rows.append({"user": f"u{user}", "item": item, "timestamp": time})
    write(folder / "events.csv", rows)
    return [f"dataset.path={folder / 'events.csv'}", MOMENT]


def _expect_events(folder: Path) -> Expected:
    return last_one_out(read(folder / "events.csv"))


SETS = [
    MadeUp("repeats", _repeats, _expect_repeats),
    MadeUp("long histories", _long, _expect_events),
    MadeUp("equal times", _ties, _expect_ties),
    MadeUp("cold users", _cold, _expect_cold),
    MadeUp("side features", _side, _expect_side),
    MadeUp("numbers that look like text", _text, _expect_text),
    MadeUp(HOUR, _hours, _expect_events),
]


def popularity(expected: Expected) -> Mapping[str, int]:
    return Counter(expected.training)
