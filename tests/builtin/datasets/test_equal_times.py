"""Equal times in data sets: no file order is learnt, and the same events stand in one order whatever the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import recframe
from recframe.builtin.datasets.movielens.dataset import MovieLensOptions, load
from recframe.builtin.datasets.tabular import from_table
from recframe.data.prepare import prepare
from recframe.interactions.interactions import Interactions
from recframe.plugin.manager import load_plugins
from recframe.plugin.types import DatasetContext
from tests.builtin.datasets.movielens_folder import LAYOUTS, Rating, write_rows
from tests.builtin.datasets.tabular.tables import ENDINGS, events, plain, read, tuples, write

MOVIES = 60
COLUMNS = {"user": "userId", "item": "movieId", "rating": "rating"}


def ratings(users: int = 150, moments: int = 4, at_once: int = 6, seed: int = 0) -> list[Rating]:
    """Random movies, several a second, so that there is nothing to learn; in order of user and time."""
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(1, users + 1):
        drawn = rng.choice(MOVIES, moments * at_once, replace=False) + 1
        start = int(rng.integers(10**9, 10**9 + 10**6))
        rows += [(user, int(movie), 4, start + 100 * (place // at_once)) for place, movie in enumerate(drawn)]
    return rows


def movielens(folder: Path, rows: list[Rating], layout: str = "csv", seed: int = 1) -> Interactions:
    write_rows(folder, layout, rows, [(n, f"Film {n} (2000)", ("Drama",)) for n in range(1, MOVIES + 1)])
    return load(MovieLensOptions(path=str(folder)), DatasetContext(seed=seed, cache=folder))


def recall_of_the_next_larger_id(data: Interactions, k: int = 10) -> tuple[float, float]:
    """The share of last events among the k unseen items whose ids come next above the event before, and of chance."""
    hits = chance = 0.0
    for start, end in zip(data.offsets, data.offsets[1:], strict=False):
        history, target = data.item[start : end - 1].tolist(), int(data.item[end - 1])
        unseen = [item for item in range(data.num_items) if item not in history]
        best = sorted(unseen, key=lambda item: (item < history[-1], item))[:k]
        hits += target in best
        chance += k / len(unseen)
    return hits / data.num_users, chance / data.num_users


def by_movie_within_a_second(row: Rating) -> tuple[int, int, int]:
    return row[0], row[3], row[1]


def by_movie(row: Rating) -> tuple[int, int]:
    return row[0], row[1]


@pytest.mark.parametrize("sort", [by_movie_within_a_second, by_movie])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_ratings_sorted_by_movie_teach_nothing(tmp_path: Path, layout: str, sort: object) -> None:
    rows = sorted(ratings(), key=sort)  # type: ignore[call-overload]
    data = movielens(tmp_path / "set", rows, layout)
    assert data.equal_times is not None
    assert data.equal_times.rule == "hash"
    recall, chance = recall_of_the_next_larger_id(data)
    error = (chance * (1 - chance) / data.num_users) ** 0.5
    assert abs(recall - chance) < 3 * error
    # The same predictor on the order of the file: what would be learnt.
    user, movie, _, time = (np.array(column) for column in zip(*rows, strict=True))
    file = Interactions.from_columns(user, movie - 1, time, {"id": np.arange(1, MOVIES + 1)}, seed=None)
    if sort is by_movie_within_a_second:
        assert recall_of_the_next_larger_id(file)[0] > 2 * chance


def test_a_log_of_ratings_keeps_its_order(tmp_path: Path) -> None:
    rows = ratings()
    data = movielens(tmp_path / "set", rows)
    assert data.equal_times is not None
    assert data.equal_times.rule == "file"
    assert data.items["id"][data.item].tolist() == [movie for _, movie, _, _ in rows]


def test_every_source_of_the_same_events_gives_one_order(tmp_path: Path) -> None:
    rows = sorted(ratings(), key=lambda row: row[1])
    frame = pl.DataFrame(rows, ["userId", "movieId", "rating", "timestamp"], orient="row")
    expected = movielens(tmp_path / "set", rows)
    for number, ending in enumerate(ENDINGS):
        shuffled = frame.sample(fraction=1, shuffle=True, seed=number)
        data = read(write(shuffled, tmp_path / f"x.{ending}"), COLUMNS)
        assert tuples(data) == tuples(expected)
    folder = tmp_path / "shards"
    for number in range(3):
        write(frame[1200 * number : 1200 * number + 1200], folder / f"{number}.parquet")
    assert tuples(read(folder, COLUMNS)) == tuples(expected)
    in_milliseconds = frame.with_columns(pl.col("timestamp") * 1000)
    assert tuples(from_table(in_milliseconds, columns=COLUMNS, time_unit="ms")) == tuples(expected)
    assert tuples(from_table(frame, columns=COLUMNS, seed=2)) != tuples(expected)
    assert tuples(movielens(tmp_path / "other", rows, seed=2)) == tuples(from_table(frame, columns=COLUMNS, seed=2))


def test_shuffled_rows_give_the_same_data_and_the_same_hash() -> None:
    frame = events().with_columns(pl.col("item").rank("dense").cast(pl.Int64))
    frame = pl.concat([frame, frame.with_columns(device=pl.lit("tv"))])  # each event twice, but for a value
    spec, registries = recframe.compose(["dataset=tabular", "dataset.path=x"]), load_plugins()
    made = [from_table(frame.sample(fraction=1, shuffle=True, seed=seed), keep="last") for seed in range(3)]
    assert plain(made[0]) == plain(made[1]) == plain(made[2])
    assert len({prepare(spec, registries, data).sha256() for data in made}) == 1


def test_parts_come_in_their_order_at_one_time() -> None:
    """Each part is a log of its own, though they do not follow each other in time."""
    rng = np.random.default_rng(0)
    rows = [(user, int(rng.integers(0, 50)), time) for time in range(40) for user in range(8) for _ in range(2)]
    frame = pl.DataFrame(rows, ["user", "item", "timestamp"], orient="row")
    drawn = pl.Series(rng.choice(3, len(frame), p=[0.8, 0.1, 0.1]))
    train, validation, test = (frame.filter(drawn == part) for part in range(3))
    data = from_table(train, validation=validation, test=test)
    expected = sorted(
        ((*row, part) for part, table in enumerate((train, validation, test)) for row in table.rows()),
        key=lambda row: (row[0], row[2], row[3]),
    )
    assert data.parts is not None
    assert [(*event, part) for event, part in zip(tuples(data), data.parts.tolist(), strict=True)] == expected
    assert data.equal_times is not None
    assert data.equal_times.rule == "file"


def test_without_times_nothing_is_equal() -> None:
    data = from_table(pl.DataFrame({"user": [1, 1, 1, 1], "item": [1, 2, 1, 3]}))
    prepared = prepare(recframe.compose([]), load_plugins(), data)
    assert prepared.order.summary == {"rule": "rows", "seed": None, "equal_neighbours": 0, "equal_test_targets": 0}


def test_rows_without_times_that_are_sorted_by_item_are_told() -> None:
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({"user": rng.integers(0, 20, 300), "item": rng.integers(0, 500, 300)})
    steps = 300 - frame["user"].n_unique() - (300 - frame.unique().height)
    for way, kind in ((False, "larger"), (True, "smaller")):
        (_, note) = from_table(frame.sort("item", descending=way)).notes
        assert note.startswith(
            f"{steps} of {steps} events have a {kind} item id than the user's previous event: are the"
        )
    assert len(from_table(frame).notes) == 1
    assert len(from_table(frame[:3].sort("item")).notes) == 1


def test_the_file_or_the_hash_can_be_asked_for() -> None:
    frame = pl.DataFrame(ratings(), ["userId", "movieId", "rating", "timestamp"], orient="row")
    by_file, by_hash, auto = (tuples(from_table(frame, columns=COLUMNS, ties=t)) for t in ("file", "hash", "auto"))
    assert by_file == auto == frame.select("userId", "movieId", "timestamp").rows()
    assert by_hash != by_file
    assert sorted(by_hash) == sorted(by_file)
