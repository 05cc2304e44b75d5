"""MovieLens: every layout gives the same interactions, in any order of rows; every bad input gets a clear message."""

from __future__ import annotations

import os
import random
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from recframe.builtin.datasets.movielens.dataset import MovieLensOptions, files, load, recframe_datasets
from recframe.errors import DataError, SpecError
from recframe.interactions.interactions import Interactions
from recframe.plugin.types import DatasetContext
from tests.builtin.datasets.movielens_folder import FILES, LAYOUTS, make_rows, write_movielens, write_rows


def read(folder: Path, **options: object) -> Interactions:
    return load(MovieLensOptions(path=str(folder), **options), DatasetContext(seed=0, cache=folder / "no-cache"))


def same(a: Interactions, b: Interactions) -> None:
    for name in ("offsets", "item", "timestamp", "user_ids"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
    assert a.items.keys() == b.items.keys()
    for name, values in a.items.items():
        assert values.tolist() == b.items[name].tolist()
    np.testing.assert_array_equal(a.events["rating"], b.events["rating"])
    assert a.notes == b.notes


def problem(folder: Path, **options: object) -> str:
    with pytest.raises(DataError) as caught:
        read(folder, **options)
    return str(caught.value)


def test_contribution() -> None:
    (dataset,) = recframe_datasets()
    assert dataset.name == "movielens"
    with pytest.raises(SpecError, match="variant"):
        MovieLensOptions(variant="2m")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_values_of_each_layout(tmp_path: Path, layout: str) -> None:
    ratings, movies = make_rows()
    data = read(write_movielens(tmp_path / "set", layout))
    titles, genres = {m: t for m, t, _ in movies}, {m: g for m, _, g in movies}
    rated = sorted({movie for _, movie, _, _ in ratings})
    assert data.items["id"].tolist() == rated  # the last movie, which nobody rated, is left out
    assert data.items["id"].dtype == np.int64
    assert data.items["title"].dtype.kind == data.items["genre"].dtype.kind == "U"
    assert data.items["title"].tolist() == [titles[movie] for movie in rated]
    assert data.items["genres"].dtype == object
    assert data.items["genres"].tolist() == [list(genres[movie]) for movie in rated]
    assert data.items["genre"].tolist() == [(*genres[movie], "")[0] for movie in rated]
    assert data.items["year"].tolist() == [1950 + (m - 1) // 3 if (m - 1) // 3 % 7 != 6 else 0 for m in rated]
    assert data.events["rating"].dtype == np.float32
    rows = zip(data.user_of_event(), data.item, data.events["rating"], data.timestamp, strict=True)
    events = [(int(data.user_ids[u]), int(data.items["id"][i]), int(r), int(t)) for u, i, r, t in rows]
    assert events == sorted(ratings, key=lambda row: (row[0], row[3]))  # a log: equal times as the file has them
    assert data.notes == ()


@settings(max_examples=25, deadline=None)
@given(
    layout=st.sampled_from(LAYOUTS), users=st.integers(1, 12), items=st.integers(2, 12), seed=st.integers(0, 999),
    shuffle=st.integers(0, 999),
)  # fmt: skip
def test_layout_and_order_of_unordered_rows_do_not_matter(
    layout: str, users: int, items: int, seed: int, shuffle: int
) -> None:
    ratings, movies = make_rows(users, items, seed)
    ratings += ratings[:2]  # repeated rows
    ratings += [(u, m, r % 5 + 1, t) for u, m, r, t in ratings[:1]]  # and one with another rating
    ratings.sort(key=lambda row: row[1:])  # by movie, so that the file is no log
    with tempfile.TemporaryDirectory() as name:
        plain = read(write_rows(Path(name, "plain"), "csv", ratings, movies))
        random.Random(shuffle).shuffle(ratings)
        random.Random(shuffle + 1).shuffle(movies)
        same(plain, read(write_rows(Path(name, "other"), layout, ratings, movies)))


def test_repeated_rows_are_dropped_and_counted(tmp_path: Path) -> None:
    ratings = [(1, 5, 3, 10), (1, 5, 4, 10), (1, 5, 3, 10), (1, 5, 3, 11), (2, 5, 1, 10)]
    data = read(write_rows(tmp_path, "1m", ratings, [(5, "One (1990)", ())]))
    assert data.num_events == 3
    assert data.events["rating"].tolist() == [4, 3, 1]
    assert any(note.startswith("2 rows were dropped") for note in data.notes)
    assert np.diff(data.offsets).tolist() == [2, 1]  # a user with one event is kept


def test_ids_too_large_to_pack(tmp_path: Path) -> None:
    ratings = [(10**17, 10**17, 3, 10**15), (1, 7, 4, 10), (1, 7, 2, 10), (1, 3, 2, 10)]
    data = read(write_rows(tmp_path, "csv", ratings, [(3, "A", ()), (7, "B", ()), (10**17, "C", ())]))
    assert data.user_ids.tolist() == [1, 10**17]
    assert data.item.tolist() == [0, 1, 2]
    assert data.events["rating"].tolist() == [2, 4, 3]


def test_rated_movie_without_a_row(tmp_path: Path) -> None:
    data = read(write_rows(tmp_path, "csv", [(1, 5, 3, 10), (1, 9, 3, 11)], [(5, "One (1990)", ("War",))]))
    assert data.items["title"].tolist() == ["One (1990)", "Movie 9"]
    assert data.items["year"].tolist() == [1990, 0]
    assert "1 of 2 rated movies are not in movies.csv" in data.notes[0]


def test_min_rating(tmp_path: Path) -> None:
    folder = write_movielens(tmp_path)
    data = read(folder, min_rating=4.0)
    assert data.events["rating"].min() == 4
    assert "below 4" in data.notes[0]
    assert "no rating is at least 6" in problem(folder, min_rating=6.0)


def test_years(tmp_path: Path) -> None:
    titles = {"Toy Story (1995)": 1995, "1984 (1956)": 1956, "(500) Days (2009)": 2009, "Land (1995) (V)": 1995,
              "Show (2006–2007)": 2006, "Show (2011-)": 2011, "No year": 0}  # fmt: skip  # noqa: RUF001
    movies = [(i, title, ()) for i, title in enumerate(titles)]
    data = read(write_rows(tmp_path, "csv", [(1, i, 3, i) for i in range(len(titles))], movies))
    assert data.items["year"].tolist() == list(titles.values())


def test_extra_and_reordered_columns_byte_order_mark_and_windows_lines(tmp_path: Path) -> None:
    plain = read(write_rows(tmp_path / "a", "csv", [(1, 5, 3, 10)], [(5, "One, é (1990)", ("War",))]))
    (tmp_path / "b").mkdir()
    (tmp_path / "b/ratings.csv").write_text(
        "\ufefftimestamp,x,rating,movieId,userId\r\n10,?,3.0,5,1\r\n\r\n", newline=""
    )
    (tmp_path / "b/movies.csv").write_text('\ufeffgenres,title,movieId\r\nWar,"One, é (1990)",5\r\n', newline="")
    same(plain, read(tmp_path / "b"))


def test_missing_folder_file_or_layout(tmp_path: Path) -> None:
    assert "no folder" in problem(tmp_path / "absent")
    (tmp_path / "file").touch()
    assert "is a file" in problem(tmp_path / "file")
    (tmp_path / "empty").mkdir()
    assert "contains nothing" in problem(tmp_path / "empty")
    write_movielens(tmp_path / "up/ml-x")
    (tmp_path / "up/book.txt").touch()
    message = problem(tmp_path / "up")
    assert "book.txt" in message
    assert "expected ratings.csv with movies.csv" in message
    assert f"dataset.path={tmp_path / 'up/ml-x'}" in message


@pytest.mark.parametrize("layout", LAYOUTS)
def test_half_a_set_and_empty_files(tmp_path: Path, layout: str) -> None:
    ratings, movies = FILES[layout]
    for index, name in enumerate((ratings, movies)):
        folder = write_movielens(tmp_path / str(index), layout)
        (folder / name).write_bytes(b"")
        message = problem(folder)
        assert name in message
        assert "empty" in message or "has no movies" in message
        (folder / name).unlink()
        assert f"no {name}" in problem(folder)


def test_only_a_header(tmp_path: Path) -> None:
    folder = write_movielens(tmp_path)
    (folder / "ratings.csv").write_text("userId,movieId,rating,timestamp\n")
    assert "has no ratings" in problem(folder)


def test_wrong_header_names_the_nearest(tmp_path: Path) -> None:
    folder = write_movielens(tmp_path)
    text = (folder / "ratings.csv").read_text()
    (folder / "ratings.csv").write_text(text.replace("movieId", "movie_ID"))
    message = problem(folder)
    assert "no column 'movieId'" in message
    assert "nearest is 'movie_ID'" in message
    (folder / "ratings.csv").write_text(text.split("\n", 1)[1])
    assert "the first line must name userId, movieId" in problem(folder)
    (folder / "ratings.csv").write_text("userId," + text.replace("\n", "\n1,"))
    assert "two columns are called 'userId'" in problem(folder)
    (folder / "ratings.csv").write_text("\n" + text)
    assert "its first line is" in problem(folder)


BAD_ROWS = {
    "1x,5,3,10": "column userId: '1x' is not a whole number",
    ",5,3,10": "column userId: '' is empty",
    "1,,3,10": "column movieId: '' is empty",
    "1,5.5,3,10": "column movieId: '5.5' is not a whole number",
    "1,5,good,10": "column rating: 'good' is not a number",
    "1,5,NaN,10": "column rating: 'NaN' is not a number",
    "1,5,inf,10": "column rating: 'inf' is not a number",
    "1,5,1e300,10": "column rating: '1e300' is not a number",
    '1,5,3,"10': "column timestamp: '\"10' is not a whole number",
    "1,5,,10": "column rating: '' is empty",
    "1,5,3,-10": "column timestamp: '-10' is negative",
    "1,5,3,99999999999999999999": "column timestamp",
    "1,5,3,": "column timestamp: '' is empty",
    ",,,": "column userId: '' is empty",
    "1,5": "2 of 4 fields",
    "1": "1 of 4 fields",
    "1,5,3,10,7": "5 of 4 fields",
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("row", BAD_ROWS)
@pytest.mark.parametrize("place", ["middle", "end"])
def test_bad_rating_row(tmp_path: Path, layout: str, row: str, place: str) -> None:
    folder = write_rows(tmp_path, layout, [(1, 5, 3, t) for t in range(50)], [(5, "One", ())])
    path = folder / FILES[layout][0]
    separator = {"csv": ",", "100k": "\t"}.get(layout, "::")
    bad = row.replace(",", separator)
    lines = path.read_text().splitlines(keepends=True)
    number = 20 if place == "middle" else len(lines) + 1
    lines.insert(number - 1, bad + "\n" if place == "middle" else bad)  # cut off at the end: no line end either
    path.write_text("".join(lines))
    message = problem(folder)
    assert f"{path}, line {number}" in message
    assert BAD_ROWS[row] in message


@pytest.mark.parametrize("layout", LAYOUTS)
def test_bad_movie_rows(tmp_path: Path, layout: str) -> None:
    folder = write_movielens(tmp_path, layout)
    path = folder / FILES[layout][1]
    content = path.read_bytes()
    separator = {"csv": b",", "100k": b"|"}.get(layout, b"::")
    fields = 5 + 7 if layout == "100k" else 3
    path.write_bytes(content + separator.join([b"x1", *[b"0"] * (fields - 1)]) + b"\n")
    assert "column movieId: 'x1'" in problem(folder)
    path.write_bytes(content + b"99" + separator + b"Half")
    assert f"2 of {fields} fields" in problem(folder)
    path.write_bytes(content + separator.join([b"1", *[b"0"] * (fields - 1)]) + b"\n")
    assert "movieId 1 occurred before" in problem(folder)


def test_movies_that_are_not_utf8(tmp_path: Path) -> None:
    folder = write_movielens(tmp_path)
    path = folder / "movies.csv"
    path.write_bytes(path.read_text("utf-8").encode("latin-1"))
    assert f"{path}, line 2: the text is not UTF-8" in problem(folder)


def test_a_million_rows(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    columns = [rng.integers(1, high, 1_000_000) for high in (6041, 3953, 6, 10**9)]
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    folder = write_rows(tmp_path, "1m", rows, [(i, f"Film {i} (1990)", ("War",)) for i in range(1, 3953)])
    assert read(folder).num_events == pytest.approx(1_000_000, abs=10)


def test_real_set(tmp_path: Path) -> None:
    real = os.environ.get("RECFRAME_TEST_DATA")
    if real is None:
        warnings.warn("RECFRAME_TEST_DATA is not set: a small made-up set stands in for ml-latest-small", stacklevel=1)
    data = read(Path(real, "ml-latest-small") if real else write_movielens(tmp_path, users=100, items=60))
    assert (np.diff(data.items["id"]) > 0).all()
    assert len(np.unique(data.item)) == data.num_items
    assert (np.diff(data.offsets) >= 1).all()
    assert (np.diff(data.timestamp)[np.diff(data.user_of_event()) == 0] >= 0).all()
    assert (data.items["year"] > 0).mean() > 0.8
    if real:
        assert data.items["title"][0] == "Toy Story (1995)"
        assert data.num_events > 100_000


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_files_as_they_are(tmp_path: Path, layout: str) -> None:
    folder = write_movielens(tmp_path / "ml", layout)
    read_files = files(MovieLensOptions(path=str(folder)), DatasetContext(0, tmp_path / "no-cache"))
    assert [path.name for path in read_files.paths] == list(FILES[layout])
    ratings, movies = make_rows()
    tables = read_files.read()
    assert tables["ratings"].columns == ["userId", "movieId", "rating", "timestamp"]
    assert tables["ratings"].rows() == [tuple(map(float, row)) for row in ratings]
    assert tables["movies"]["movieId"].to_list() == [movie for movie, _, _ in movies]  # the unrated one too
    assert tables["movies"]["genres"].to_list() == [list(genres) for _, _, genres in movies]
