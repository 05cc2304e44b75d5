"""MovieLens as Examples: each is checked against a plain loop."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recframe.builtin.datasets.movielens import download as download_module
from recframe.errors import DataError
from recframe.recommendation import DataLoader
from tests.builtin.datasets.movielens_folder import make_rows, write_movielens, write_rows
from tests.recommendation.dat_layout import movielens_spec
from tests.recommendation.example_records import META_KEYS, TRAIN, as_tuple, records


def expected_examples(
    ratings: Any, movies: Any, length: int = 10, genres: int = 10, shortest: int = 3, min_rating: float = 0
) -> list[tuple[Any, ...]]:
    """The examples by the words of the format's description, one at a time, sorted."""
    titles, genres_of = {m: t for m, t, _ in movies}, {m: g for m, _, g in movies}
    timelines = defaultdict(list)
    for user, movie, rating, time in ratings:
        if rating >= min_rating:
            timelines[user].append((time, movie, rating))
    rows = []
    for events in timelines.values():
        if len(events) < shortest:
            continue
        events.sort(key=lambda event: event[0])
        for at in range(1, len(events)):
            context = events[max(0, at - length) : at]
            years = [re.search(r"\((\d{4})\)", titles[movie]) for _, movie, _ in context]
            empty = length - len(context)
            words = [genre for _, movie, _ in context for genre in genres_of[movie]][:genres]
            rows.append(
                (
                    (*(movie for _, movie, _ in context), *[0] * empty),
                    (*(float(rating) for *_, rating in context), *[0.0] * empty),
                    (*words, *["UNK"] * (genres - len(words))),
                    (*(int(year[1]) if year else 0 for year in years), *[0] * empty),
                    (events[at][1],),
                )
            )
    return sorted(rows)


@pytest.mark.parametrize("layout", ["1m", "10m", "csv", "100k"])
@pytest.mark.parametrize(
    ("length", "genres", "shortest", "min_rating"), [(10, 10, 3, None), (3, 4, 1, 2), (5, 32, 6, 3.5), (30, 1, 2, None)]
)
def test_examples(
    tmp_path: Path, layout: str, length: int, genres: int, shortest: int, min_rating: float | None
) -> None:
    meta = DataLoader.generate_movielens_dataset(
        write_movielens(tmp_path / "set", layout),
        min_timeline_length=shortest,
        max_context_length=length,
        max_context_movie_genre_length=genres,
        min_rating=min_rating,
    )
    expected = expected_examples(*make_rows(), length, genres, shortest, min_rating or 0)
    train, test = (records(meta[f"{part}_file"]) for part in ("train", "test"))
    assert sorted(map(as_tuple, train + test)) == expected
    assert (len(train), len(test)) == (meta["train_size"], meta["test_size"])
    assert len(train) == round(0.9 * len(expected))


def test_vocabularies_and_meta(folder: Path) -> None:
    meta = DataLoader.generate_movielens_dataset(folder)
    ratings, movies = make_rows()
    assert list(meta) == META_KEYS
    assert json.loads((folder / "meta.json").read_text()) == meta
    counts = {movie: sum(rated == movie for _, rated, *_ in ratings) for movie, *_ in movies}
    rows = [[movie, title, "|".join(genres), counts[movie]] for movie, title, genres in movies]
    assert json.loads(Path(meta["vocab_file"]).read_text()) == sorted(rows, key=lambda row: -row[3])
    genres = Path(meta["genre_vocab_file"]).read_text()
    words = genres.splitlines()
    assert genres.endswith("\n")
    assert words[0] == "UNK"
    of_movies = [sum(word in genres for *_, genres in movies) for word in words[1:]]
    assert of_movies == sorted(of_movies, reverse=True)
    years = Path(meta["year_vocab_file"]).read_text().splitlines()
    assert years[0] == "0"
    assert len(set(years)) == len(years) == meta["year_vocab_size"]
    assert DataLoader.get_num_classes(meta) == max(movie for movie, *_ in movies) + 1
    vocab = DataLoader.load_vocab(meta["vocab_file"])
    first, title, _, count = rows[0]
    assert vocab[first] == {"id": first, "title": title, "genres": list(movies[0][2]), "count": count}
    assert list(vocab) == [row[0] for row in sorted(rows, key=lambda row: -row[3])]


def test_seeds_and_shards(folder: Path) -> None:
    def made(name: str, **options: Any) -> tuple[list[Any], list[Any]]:
        meta = DataLoader.generate_movielens_dataset(folder, folder / name, **options)
        train, test = (list(map(as_tuple, records(meta[f"{part}_file"]))) for part in ("train", "test"))
        return train, test

    plain, other = made("a"), made("c", seed=7)
    assert plain == made("b")
    assert plain != other
    assert sorted(chain(*plain)) == sorted(chain(*other))
    assert made("d", shards=4) == plain
    assert len(list((folder / "d").glob(f"{TRAIN}-*-of-00004"))) == 4
    spec = movielens_spec(50)
    sharded = DataLoader.from_movielens(folder, "train", spec, folder / "d", shards=4)
    np.testing.assert_array_equal(sharded.labels, DataLoader.from_movielens(folder, "train", spec, folder / "a").labels)


def test_leave_one_out_and_the_leak_that_it_has_not(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    meta = DataLoader.generate_movielens_dataset(folder, folder / "a", split="leave_one_out")
    ratings, _ = make_rows()
    users = [user for user, *_ in ratings]
    assert meta["test_size"] == sum(users.count(user) >= 3 for user in set(users))
    assert "later event" not in caplog.text
    DataLoader.generate_movielens_dataset(folder, folder / "b")
    assert re.search(r"\d+ of \d+ test examples \(\d+ %\) have a later event", caplog.text)


def test_a_rated_movie_that_is_not_listed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    ratings = [(1, 5, 3, 10), (1, 9, 3, 11), (1, 5, 4, 12)]
    folder = write_rows(tmp_path, "1m", ratings, [(5, "One (1990)", ("War",))])
    meta = DataLoader.generate_movielens_dataset(folder, train_data_fraction=1)
    assert "1 rated movies are not in movies.dat and get made-up titles: 9" in caplog.text
    assert DataLoader.load_vocab(meta["vocab_file"])[9] == {"id": 9, "title": "Movie 9", "genres": [], "count": 1}
    assert DataLoader.get_num_classes(meta) == 10
    assert sorted(as_tuple(example)[4] for example in records(meta["train_file"])) == [(5,), (9,)]


def test_without_vocabularies(folder: Path) -> None:
    meta = DataLoader.generate_movielens_dataset(folder, build_vocabs=False)
    assert list(meta) == META_KEYS[:4]
    with pytest.raises(DataError, match="build_vocabs=True"):
        DataLoader.get_num_classes(meta)
    with pytest.raises(DataError, match=r"movie_vocab\.json cannot be read.*build_vocabs=True"):
        DataLoader.load_vocab(folder / "movie_vocab.json")
    (folder / "movie_vocab.json").write_text('{"a": 1}')
    with pytest.raises(DataError, match="is not a JSON array"):
        DataLoader.load_vocab(folder / "movie_vocab.json")


BAD_ARGUMENTS = {
    "min_timeline_length": 0, "max_context_length": 0, "shards": 0, "seed": -1, "train_data_fraction": 1.5,
    "split": "temporal", "train_filename": "a/b.tfrecord", "test_filename": TRAIN,
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_ARGUMENTS)
def test_arguments_that_cannot_be(folder: Path, name: str) -> None:
    with pytest.raises(ValueError, match="file names" if name == "test_filename" else name):
        DataLoader.generate_movielens_dataset(folder, **{name: BAD_ARGUMENTS[name]})


def test_data_that_cannot_be(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no folder .*data_dir"):
        DataLoader.generate_movielens_dataset(tmp_path / "absent")
    with pytest.raises(DataError, match="no rating is at least 9"):
        DataLoader.generate_movielens_dataset(folder, min_rating=9)
    with pytest.raises(DataError, match="no user has 999 events; lower min_timeline_length"):
        DataLoader.generate_movielens_dataset(folder, min_timeline_length=999)
    zero = write_rows(tmp_path / "zero", "1m", [(1, 0, 3, 1), (1, 5, 3, 2)], [(5, "One", ())])
    with pytest.raises(DataError, match="movieId 0; ids must be positive"):
        DataLoader.generate_movielens_dataset(zero)


def test_download(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = write_movielens(tmp_path / "a/datasets/ml-1m", "1m")
    assert DataLoader.download_and_extract_movielens(tmp_path / "a") == str(made)

    def no_network(*_: object, **__: object) -> None:
        raise OSError("Network is unreachable")

    monkeypatch.setattr(download_module.urllib.request, "urlopen", no_network)
    with pytest.raises(DataError, match=r"could not reach https.*ml-1m\.zip.*pass data_dir=FOLDER"):
        DataLoader.download_and_extract_movielens(tmp_path / "b")
