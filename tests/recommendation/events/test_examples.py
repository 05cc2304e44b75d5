"""from_dataframe and from_csv: the examples of MovieLens out of any table of interactions."""

from __future__ import annotations

import datetime
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from recframe.errors import DataError
from recframe.recommendation import DataLoader
from tests.builtin.datasets.movielens_folder import make_rows, write_movielens
from tests.recommendation.dat_layout import feature, make_spec, movielens_spec

LABEL = feature("next", "INT", 1, 20)
MOVIES = feature("movies", "INT", 3, 20)
STARS = feature("stars", "FLOAT", 3)


def frame(**columns: list[Any]) -> pl.DataFrame:
    """Two users with three and four events, not sorted, one with a single event."""
    values: dict[str, list[Any]] = {
        "user": ["b", "a", "a", "b", "b", "c", "b", "a"],
        "item": [4, 1, 2, 5, 6, 9, 7, 3],
        "timestamp": [1, 10, 20, 2, 3, 1, 4, 30],
        "stars": [4.0, 1.0, 2.0, 5.0, None, 1.0, 7.0, 3.0],
    }
    return pl.DataFrame(values | columns)


def test_windows() -> None:
    loader = DataLoader.from_dataframe(frame(), make_spec([MOVIES, STARS], LABEL))
    assert loader.labels.tolist() == [2, 3, 5, 6, 7]
    assert loader.columns["movies"].tolist() == [[1, 0, 0], [1, 2, 0], [4, 0, 0], [4, 5, 0], [4, 5, 6]]
    assert loader.columns["stars"].tolist() == [[1, 0, 0], [1, 2, 0], [4, 0, 0], [4, 5, 0], [4, 5, 0]]
    assert loader.columns["movies"].dtype == loader.labels.dtype == np.int32
    assert loader.columns["stars"].dtype == np.float32
    assert loader.vocab[9] == {"id": 9, "title": "9", "genres": [], "count": 1}  # seen, though never a label
    assert loader.max_vocab_id == 9
    features, label = next(loader.gen_dataset(5).as_numpy_iterator())
    assert features["next"].tolist() == label.tolist() == [[2], [3], [5], [6], [7]]


def test_lengths_of_timelines_and_contexts() -> None:
    spec = make_spec([MOVIES], LABEL)
    assert DataLoader.from_dataframe(frame(), spec, min_timeline_length=4).labels.tolist() == [5, 6, 7]
    limited = DataLoader.from_dataframe(frame(), spec, max_context_length=1).columns["movies"]
    assert limited.tolist() == [[1, 0, 0], [2, 0, 0], [4, 0, 0], [5, 0, 0], [6, 0, 0]]
    short = make_spec([feature("movies", "INT", 2, 6)], LABEL)
    cut = DataLoader.from_dataframe(frame(), short, {"movies": "item"}).columns["movies"]
    assert cut.tolist() == [[1, 0], [1, 2], [4, 0], [4, 5], [5, 0]]


def test_mapping_and_dates() -> None:
    renamed = frame().rename({"user": "uid", "item": "movie", "timestamp": "ts", "stars": "score"})
    renamed = renamed.with_columns(pl.lit(datetime.datetime(2020, 1, 1)) + pl.duration(days=pl.col("ts")).alias("ts"))
    renamed = renamed.rename({"literal": "when"}) if "literal" in renamed.columns else renamed
    mapping = {
        "user": "uid",
        "item": "movie",
        "timestamp": "when" if "when" in renamed.columns else "ts",
        "stars": "score",
    }
    loader = DataLoader.from_dataframe(renamed, make_spec([MOVIES, STARS], LABEL), mapping)
    plain = DataLoader.from_dataframe(frame(), make_spec([MOVIES, STARS], LABEL))
    assert loader.labels.tolist() == plain.labels.tolist()
    assert loader.columns["stars"].tolist() == plain.columns["stars"].tolist()
    by_label = frame().rename({"item": "movie"})
    named = DataLoader.from_dataframe(by_label, make_spec([MOVIES], LABEL), {"next": "movie"})
    assert named.columns["movies"].tolist() == plain.columns["movies"].tolist()


def test_times_of_any_kind(tmp_path: Path) -> None:
    spec = make_spec([MOVIES, STARS], LABEL)
    plain = DataLoader.from_dataframe(frame(), spec)
    time, seconds = pl.col("timestamp"), 1_600_000_000
    later = datetime.datetime(2200, 1, 1)
    for other in (
        time + seconds,
        (time + seconds) * 10**3,
        (time + seconds) * 10**9,
        time - 50,
        time / 100,
        later + time * datetime.timedelta(days=1),
    ):
        loader = DataLoader.from_dataframe(frame().with_columns(timestamp=other), spec)
        assert loader.labels.tolist() == plain.labels.tolist()
        assert loader.columns["stars"].tolist() == plain.columns["stars"].tolist()
    for other in (time + seconds, (time + seconds) * 10**3, (time + seconds) * 10**6, time / 100):
        frame().with_columns(timestamp=other).write_csv(tmp_path / "x.csv")
        assert DataLoader.from_csv(tmp_path / "x.csv", spec).labels.tolist() == plain.labels.tolist()
    texts = frame(timestamp=[f"2020-01-{day:02}" for day in frame()["timestamp"]])
    assert DataLoader.from_dataframe(texts, spec).labels.tolist() == plain.labels.tolist()


def test_the_user_is_a_source_too() -> None:
    numbered = frame(user=[2, 1, 1, 2, 2, 3, 2, 1])
    spec = make_spec([MOVIES], LABEL, user=[feature("who", "INT", 1, 9)])
    loader = DataLoader.from_dataframe(numbered, spec, {"who": "user"})
    assert loader.columns["who"].tolist() == [[1], [1], [2], [2], [2]]


def test_words(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    genres = ["x|y", "y", "z|y|x", None, "", "w", "y", "y"]
    data = frame(genres=genres, name=[f"Film {item}" for item in frame()["item"]])
    spec = make_spec([MOVIES, feature("genre", "STRING", 4, 4, "genres.txt")], LABEL)
    mapping = {"genre": "genres", "genres": "genres", "title": "name"}
    loader = DataLoader.from_dataframe(data, spec, mapping, vocab_dir=tmp_path)
    assert (tmp_path / "genres.txt").read_text() == "UNK\ny\nx\nw\n"
    assert "vocab_size 4 holds 3 of 4 words" in caplog.text
    # a: y | z y x; b: x y, then nothing, then nothing
    assert loader.columns["genre"].tolist() == [[1, 0, 0, 0], [1, 0, 1, 2], [2, 1, 0, 0], [2, 1, 0, 0], [2, 1, 0, 0]]
    assert loader.vocab[2] == {"id": 2, "title": "Film 2", "genres": ["z", "y", "x"], "count": 1}
    lists = data.with_columns(pl.col("genres").str.split("|"))
    same = DataLoader.from_dataframe(lists, spec, mapping, vocab_dir=tmp_path)
    assert same.columns["genre"].tolist() == loader.columns["genre"].tolist()
    assert same.vocab == loader.vocab
    assert DataLoader.from_dataframe(lists, spec, mapping, tmp_path, separator=None).vocab == loader.vocab
    whole = DataLoader.from_dataframe(data, spec, mapping, separator=None)
    assert whole.columns["genre"].shape == (5, 4)
    assert whole.vocab[2]["genres"] == ["z|y|x"]


def test_text_ids_keep_their_numbers_in_the_next_frame(tmp_path: Path) -> None:
    label = feature("next", "INT", 1, 20, "items.txt")
    spec = make_spec([feature("movies", "INT", 3, 20, "items.txt")], label)
    data = frame().with_columns(item=pl.concat_str(pl.lit("i|"), pl.col("item")))
    train = DataLoader.from_dataframe(data, spec, vocab_dir=tmp_path)
    lines = (tmp_path / "items.txt").read_text().splitlines()
    assert [lines[id_] for id_ in train.labels] == ["i|2", "i|3", "i|5", "i|6", "i|7"]
    assert [[lines[id_] for id_ in row] for row in train.columns["movies"].tolist()][1] == ["i|1", "i|2", "UNK"]
    assert {item["title"] for item in train.vocab.values()} == set(lines[1:])
    test = DataLoader.from_dataframe(
        data.with_columns(item=pl.col("item").replace("i|3", "new")), spec, vocab_dir=tmp_path
    )
    assert test.labels.tolist() == [label if lines[label] != "i|3" else 0 for label in train.labels.tolist()]
    assert DataLoader.from_dataframe(data, spec).labels.tolist() == train.labels.tolist()


def test_one_word_a_step_is_a_step(tmp_path: Path) -> None:
    data = frame(device=["tv", "tv", "web", None, "web", "tv", "tv", "web"])
    user = feature("device", "STRING", 1, 9, "device.txt")
    loader = DataLoader.from_dataframe(data, make_spec([MOVIES], LABEL, user=[user]))
    # tv is id 1: the latest event's
    assert loader.columns["device"].tolist() == [[1], [2], [1], [0], [2]]


def test_words_are_as_they_are_written(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    words = ["1.10", "1.1", "2", "2.0", "007", "1e3", "1.10", "true"]
    data = frame(version=words)
    spec = make_spec([MOVIES, STARS, feature("version", "STRING", 3, 20, "version.txt")], LABEL)
    data.write_csv(tmp_path / "x.csv")
    for number, made in enumerate(("from_csv", "from_dataframe")):
        folder = tmp_path / str(number)
        source = tmp_path / "x.csv" if made == "from_csv" else data
        loader = getattr(DataLoader, made)(source, spec, vocab_dir=folder)
        lines = (folder / "version.txt").read_text().splitlines()
        assert sorted(lines) == sorted({"UNK", *words})
        # a's events are in the order 1.1, 2, true; b's 2.0, 007, 1.10.
        read = [[lines[id_] for id_ in row if id_] for row in loader.columns["version"].tolist()]
        assert read[:3] == [["1.1"], ["1.1", "2"], ["1.10"]]
        assert loader.columns["stars"].tolist()[1] == [1, 2, 0]
    assert "holds numbers" not in caplog.text
    floats = DataLoader.from_dataframe(data.with_columns(version=pl.Series([1.5, 2.0] * 4)), spec, vocab_dir=tmp_path)
    assert (tmp_path / "version.txt").read_text() == "UNK\n1.5\n2\n"
    assert "column 'version' of version holds numbers, which become words" in caplog.text
    assert len(floats) == 5


def test_a_csv_of_numbers_written_in_other_ways(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(
        "user,item,timestamp,stars\n007,4.0,1.5e3,4\n007,5,1.6e3,3.50\n7,01,1.5e3,\n7,2,1.4e3,1\n"
    )
    loader = DataLoader.from_csv(tmp_path / "x.csv", make_spec([MOVIES, STARS], LABEL), min_timeline_length=2)
    assert loader.labels.tolist() == [5, 1]
    assert loader.columns["movies"].tolist() == [[4, 0, 0], [2, 0, 0]]
    assert loader.columns["stars"].tolist() == [[4, 0, 0], [1, 0, 0]]


def test_the_same_as_from_movielens(tmp_path: Path) -> None:
    folder = write_movielens(tmp_path / "ml", "1m")
    spec = movielens_spec(50, genres=32)
    loader = DataLoader.from_movielens(folder, "train", spec, train_data_fraction=1, max_context_movie_genre_length=32)
    ratings, movies = make_rows()
    of = {movie: (int(title[-5:-1]) if title.endswith(")") and title[-5:-1].isdigit() else 0, "|".join(genres))
          for movie, title, genres in movies}  # fmt: skip
    data = pl.DataFrame(
        [(user, movie, rating, time, *of[movie]) for user, movie, rating, time in ratings],
        schema=["user", "item", "context_movie_rating", "timestamp", "context_movie_year", "context_movie_genre"],
        orient="row",
    )
    data.write_csv(tmp_path / "x.csv")
    for made in (
        DataLoader.from_dataframe(data, spec, vocab_dir=folder),
        DataLoader.from_csv(tmp_path / "x.csv", spec, vocab_dir=folder),
    ):
        rows, expected = (
            sorted(
                tuple(np.concatenate([one.labels[at : at + 1], *(one.columns[name][at] for name in loader.columns)]))
                for at in range(len(one))
            )
            for one in (made, loader)
        )
        assert rows == expected


def test_frames_that_cannot_be(tmp_path: Path) -> None:
    spec = make_spec([MOVIES, STARS], LABEL)

    def problem(data: Any, **options: Any) -> str:
        with pytest.raises(DataError) as caught:
            DataLoader.from_dataframe(data, spec, **options)
        return str(caught.value)

    assert "no column 'stars' for 'stars': name one in mapping['stars']; did you mean 'star'? The columns" in problem(
        frame().rename({"stars": "star"})
    )
    assert "no column 'uid' for 'user'" in problem(frame(), mapping={"user": "uid"})
    assert "mapping['usr']: not one of" in problem(frame(), mapping={"usr": "user"})
    assert "the table, row 2, column item: an empty value is not an id" in problem(
        frame(item=[1, None, 2, 3, 4, 5, 6, 7])
    )
    assert "row 1, column timestamp: 'x' is not a time: write seconds" in problem(frame(timestamp=["x"] * 8))
    european = problem(frame(timestamp=["31/12/2020"] * 8))  # a DataLoader has no option for the format of times
    assert european.endswith("is not a time: write seconds, a date, or a time in ISO 8601; correct or remove it")
    assert "ids that are text need a vocab_name" in problem(frame(item=["i1"] * 8))
    assert "row 1, column stars: 'good' is not a number" in problem(frame(stars=["good"] * 8))
    assert "item: 1.5 is not an id: it is not a whole number" in problem(frame(item=[1.5] * 8))
    assert "no user has 9 events" in problem(frame(), min_timeline_length=9)
    assert "the data has no interactions" in problem(frame().head(0))
    halves = frame().with_columns(movies=pl.col("item") / 2)
    assert "column 'movies' of movies has numbers that are not whole; round them" in problem(halves)
    assert "column 'timestamp' of 'stars' is the timestamp" in problem(frame(), mapping={"stars": "timestamp"})
    assert "max_context_length is 0" in problem(frame(), max_context_length=0)
    assert "df is a builtins.list" in problem([1, 2])
    (tmp_path / "x.csv").write_text("user,item\n1,2\n")
    with pytest.raises(DataError, match=r"x\.csv: no column 'timestamp'"):
        DataLoader.from_csv(tmp_path / "x.csv", make_spec([MOVIES], LABEL))
    with pytest.raises(DataError, match=r"absent\.csv cannot be read"):
        DataLoader.from_csv(tmp_path / "absent.csv", spec)
    (tmp_path / "late.csv").write_text(f"user,item,timestamp\n1,2,{10**19}\n")
    with pytest.raises(DataError, match=r"is in the future; correct or remove it$"):
        DataLoader.from_csv(tmp_path / "late.csv", make_spec([feature("item", "INT", 3, 20)], LABEL))
    (tmp_path / "empty.csv").touch()
    with pytest.raises(DataError, match=r"empty\.csv cannot be read"):
        DataLoader.from_csv(tmp_path / "empty.csv", spec)


def test_a_lazy_frame() -> None:
    spec = make_spec([MOVIES], LABEL)
    assert DataLoader.from_dataframe(frame().lazy(), spec).labels.tolist() == [2, 3, 5, 6, 7]


def test_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    """A frame of pandas is told by its module; Polars makes it its own, or says what it lacks."""
    pandas = types.ModuleType("pandas.core.frame")
    made = type("DataFrame", (), {"__module__": "pandas.core.frame"})()
    monkeypatch.setitem(sys.modules, "pandas.core.frame", pandas)
    monkeypatch.setattr(pl, "from_pandas", lambda df: frame())
    spec = make_spec([MOVIES], LABEL)
    assert DataLoader.from_dataframe(made, spec).labels.tolist() == [2, 3, 5, 6, 7]

    def no_pyarrow(df: Any) -> None:
        raise ModuleNotFoundError("pyarrow is required")

    monkeypatch.setattr(pl, "from_pandas", no_pyarrow)
    with pytest.raises(DataError, match="pip install pyarrow"):
        DataLoader.from_dataframe(made, spec)


@pytest.mark.parametrize(("column", "logged"), [("item", True), ("place", False)])
def test_equal_times_are_drawn_unless_the_rows_are_a_log(
    column: str, logged: bool, caplog: pytest.LogCaptureFixture
) -> None:
    rng = np.random.default_rng(0)
    rows = [
        (user, int(item), time)
        for time in range(10) for user in range(20) for item in rng.choice(np.arange(1, 20), 2, replace=False)
    ]  # fmt: skip
    table = pl.DataFrame(rows, ["user", "item", "timestamp"], orient="row").with_row_index("place")
    table = table.sort("timestamp", column)
    spec = make_spec([feature("movies", "INT", 1, 20)], LABEL)
    loader = DataLoader.from_dataframe(table, spec, {"movies": "item"}, min_timeline_length=2)
    pairs = np.stack([loader.columns["movies"][:, 0], loader.labels]).reshape(2, 20, 19)[:, :, ::2]  # of one time
    assert ("200 of 400 events have the same time as the user's previous event" in caplog.text) == logged
    rising = (pairs[0] < pairs[1]).mean()
    assert abs(rising - 0.5) < 3 * 0.5 / 200**0.5
    in_file = table.sort("user", "timestamp", maintain_order=True)["item"].to_numpy().reshape(20, 10, 2)
    assert np.array_equal(pairs.transpose(1, 2, 0), in_file) != logged
