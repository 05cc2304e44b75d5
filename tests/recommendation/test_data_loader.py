"""DataLoader: the columns that a spec asks of the files, and what cannot be."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import tensorflow as tf

from recframe.errors import DataError
from recframe.recommendation import DataLoader
from tests.builtin.datasets.movielens_folder import write_movielens
from tests.recommendation.dat_layout import feature, make_spec, movielens_spec, write_dat_layout
from tests.recommendation.example_records import TRAIN


def test_what_a_plain_parser_reads(folder: Path) -> None:
    meta = DataLoader.generate_movielens_dataset(folder)
    parse = {
        "context_movie_id": tf.io.FixedLenFeature([10], tf.int64),
        "context_movie_rating": tf.io.FixedLenFeature([10], tf.float32),
        "context_movie_genre": tf.io.FixedLenFeature([10], tf.string),
        "context_movie_year": tf.io.FixedLenFeature([10], tf.int64),
        "label_movie_id": tf.io.FixedLenFeature([1], tf.int64),
    }
    batch = next(tf.data.TFRecordDataset(meta["train_file"]).batch(10_000).as_numpy_iterator())
    plain = {name: values.numpy() for name, values in tf.io.parse_example(batch, parse).items()}
    loader = DataLoader.from_movielens(folder, "train", movielens_spec(DataLoader.get_num_classes(meta)))
    genres, years = (Path(meta[f"{name}_vocab_file"]).read_text().splitlines() for name in ("genre", "year"))
    columns = loader.columns
    np.testing.assert_array_equal(columns["context_movie_id"], plain["context_movie_id"])
    np.testing.assert_array_equal(columns["context_movie_rating"], plain["context_movie_rating"])
    np.testing.assert_array_equal(
        np.array(genres)[columns["context_movie_genre"]], plain["context_movie_genre"].astype(str)
    )
    np.testing.assert_array_equal(np.array(years, int)[columns["context_movie_year"]], plain["context_movie_year"])
    np.testing.assert_array_equal(loader.labels, plain["label_movie_id"][:, 0])
    assert {values.dtype.name for values in columns.values()} == {"int32", "float32"}
    assert loader.labels.dtype == np.int32
    assert len(loader) == loader.size == meta["train_size"]
    assert loader.max_vocab_id == meta["vocab_max_id"]
    test = DataLoader.from_movielens(folder, "test", movielens_spec(50))
    assert len(test) == meta["test_size"]


def test_padding_and_cutting_to_the_lengths_of_the_spec(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    full = DataLoader.from_movielens(folder, "train", movielens_spec(50))
    short = DataLoader.from_movielens(folder, "train", movielens_spec(50, length=4, genres=3))
    assert "context_movie_id has 10 values, feature_length is 4: the latest are kept" in caplog.text
    assert "context_movie_genre has 10 values, feature_length is 3: the first are kept" in caplog.text
    for row, movies in enumerate(full.columns["context_movie_id"].tolist()):
        count = sum(movie > 0 for movie in movies)
        first = max(0, count - 4)
        for name in ("context_movie_id", "context_movie_rating", "context_movie_year"):
            values = full.columns[name][row].tolist()[first:count]
            assert short.columns[name][row].tolist() == values + [0] * (4 - len(values))
    np.testing.assert_array_equal(short.columns["context_movie_genre"], full.columns["context_movie_genre"][:, :3])
    long = DataLoader.from_movielens(folder, "train", movielens_spec(50, length=12, genres=32))
    assert "context_movie_genre has 10 values, feature_length is 32: they are padded" in caplog.text
    assert long.columns["context_movie_genre"].shape == (len(long), 32)
    assert not long.columns["context_movie_id"][:, 10:].any()
    np.testing.assert_array_equal(long.columns["context_movie_id"][:, :10], full.columns["context_movie_id"])


def test_ids_outside_of_the_table_are_unknown(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    full = DataLoader.from_movielens(folder, "train", movielens_spec(50))
    spec = movielens_spec(20)
    spec.activity_feature_groups[3].features[0].vocab_size = 3
    small = DataLoader.from_movielens(folder, "train", spec)
    movies, genres = full.columns["context_movie_id"], full.columns["context_movie_genre"]
    np.testing.assert_array_equal(small.columns["context_movie_id"], np.where(movies < 20, movies, 0))
    np.testing.assert_array_equal(small.columns["context_movie_genre"], np.where(genres < 3, genres, 0))
    np.testing.assert_array_equal(small.labels, np.where(full.labels < 20, full.labels, 0))
    assert f"{(full.labels >= 20).sum()} of {len(full)} labels are unknown outside of [1, 20)" in caplog.text


def test_a_word_that_is_not_in_the_file_is_unknown(folder: Path) -> None:
    DataLoader.generate_movielens_dataset(folder, generated_examples_dir=folder / "out")
    path = folder / "out/other.txt"
    path.write_text("UNK\nDrama\nWar\nDrama\n")  # the last line repeats another and is not used
    spec = make_spec(
        [feature("context_movie_genre", "STRING", 10, 4, "other.txt")], feature("label_movie_id", "INT", 1, 50)
    )
    assert set(np.unique(DataLoader.from_tfrecord(folder / "out" / TRAIN, spec).columns["context_movie_genre"])) == {
        0,
        1,
        2,
    }


@pytest.mark.parametrize("fraction", [0.0, 1.0])
def test_all_for_one_part(folder: Path, fraction: float) -> None:
    meta = DataLoader.generate_movielens_dataset(folder, train_data_fraction=fraction)
    part = "test" if fraction else "train"
    assert meta[f"{part}_size"] == 0
    loader = DataLoader.from_movielens(folder, part, movielens_spec(50), train_data_fraction=fraction)
    assert len(loader) == 0
    assert loader.columns["context_movie_id"].shape == (0, 10)
    assert list(loader.gen_dataset(4)) == []


def test_what_was_a_value_error_still_is(folder: Path) -> None:
    with pytest.raises(ValueError, match="data_tag is 'validation'"):
        DataLoader.from_movielens(folder, "validation", movielens_spec(50))
    with pytest.raises(ValueError, match=r"label_feature\.feature_name: not set"):
        DataLoader.from_movielens(folder, "train", make_spec([feature("context_movie_id", "INT", 10, 50)], None))
    with pytest.raises(ValueError, match="vocab is a list"):
        DataLoader(None, 0, [])  # type: ignore[arg-type]
    assert not (folder / TRAIN).exists()


def test_specs_that_the_data_cannot_fill(folder: Path) -> None:
    label = feature("label_movie_id", "INT", 1, 50)
    for bad, message in (
        (feature("context_movie", "INT", 10, 50), r"no 'context_movie' in .*, which has context_movie_genre"),
        (feature("context_movie_rating", "INT", 10, 50), "'context_movie_rating' holds a float_list"),
        (feature("context_movie_genre", "STRING", 10, 50, "absent.txt"), r"context_movie_genre, .*absent"),
        (feature("context_movie_genre", "STRING", 10, 50), r"groups\[0\]\.features\[0\]\.vocab_name: not set"),
        (feature("context_movie_year", "INT", 10, 50, "movie_genre_vocab.txt"), "vocabulary of the INT feature"),
        (feature("context_movie_id", "INT", 0, 50), r"features\[0\]\.feature_length: not set"),
    ):  # fmt: skip
        with pytest.raises(DataError, match=message):
            DataLoader.from_movielens(folder, "train", make_spec([bad], label))


def test_from_tfrecord(folder: Path) -> None:
    meta = DataLoader.generate_movielens_dataset(folder, folder / "out", shards=2)
    label = feature("next", "INT", 1, 50)
    spec = make_spec(
        [feature("movies", "INT", 10, 50), feature("genres", "STRING", 10, 9, "movie_genre_vocab.txt")], label
    )
    mapping = {"movies": "context_movie_id", "genres": "context_movie_genre", "next": "label_movie_id"}
    loader = DataLoader.from_tfrecord(meta["train_file"], spec, meta["vocab_file"], mapping)
    same = DataLoader.from_movielens(folder, "train", movielens_spec(50), folder / "out", shards=2)
    np.testing.assert_array_equal(loader.columns["genres"], same.columns["context_movie_genre"])
    np.testing.assert_array_equal(loader.labels, same.labels)
    assert loader.vocab == same.vocab
    plain = DataLoader.from_tfrecord(meta["train_file"], spec, mapping=mapping)
    assert set(plain.vocab) == set(loader.labels.tolist())
    assert sum(item["count"] for item in plain.vocab.values()) == len(loader)
    with pytest.raises(DataError, match=r"mapping\['movie'\]: not one of genres, movies, next"):
        DataLoader.from_tfrecord(meta["train_file"], spec, mapping={"movie": "x"})
    with pytest.raises(DataError, match=r"no file .*absent"):
        DataLoader.from_tfrecord(folder / "absent*", spec)
    with pytest.raises(DataError, match="does not hold TFRecords"):
        DataLoader.from_tfrecord(folder / "movies.dat", spec, vocab_dir=folder / "out")
    path = Path(meta["train_file"].replace("?????", "00001"))
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(DataError, match="cannot be read as TFRecords"):
        DataLoader.from_tfrecord(meta["train_file"], spec, mapping=mapping)


def test_a_feature_that_some_examples_lack_is_padded(tmp_path: Path) -> None:
    with tf.io.TFRecordWriter(str(tmp_path / "x")) as writer:
        for values in ([3, 4], [], [5]):
            example = tf.train.Example()
            example.features.feature["label"].int64_list.value.append(1)
            if values:
                example.features.feature["a"].int64_list.value.extend(values)
            writer.write(example.SerializeToString())
    spec = make_spec([feature("a", "INT", 3, 9)], feature("label", "INT", 1, 9))
    assert DataLoader.from_tfrecord(tmp_path / "x", spec).columns["a"].tolist() == [[3, 4, 0], [0, 0, 0], [5, 0, 0]]


def test_import_needs_no_tensorflow() -> None:
    code = "import sys; from recframe.recommendation import DataLoader; assert 'tensorflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_real_set(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    real = os.environ.get("RECFRAME_TEST_DATA")
    if real is None:
        warnings.warn("RECFRAME_TEST_DATA is not set: a small made-up set stands in for ml-latest-small", stacklevel=1)
    source = Path(real, "ml-latest-small") if real else write_movielens(tmp_path / "csv", users=60, items=40)
    folder = write_dat_layout(source, tmp_path / "ml-1m")
    meta = DataLoader.generate_movielens_dataset(folder, max_context_movie_genre_length=32)
    classes = DataLoader.get_num_classes(meta)
    spec = movielens_spec(classes, genres=32)
    train, test = (
        DataLoader.from_movielens(folder, tag, spec, max_context_movie_genre_length=32) for tag in ("train", "test")
    )
    assert len(train) + len(test) == meta["train_size"] + meta["test_size"]
    assert (train.labels > 0).all()
    assert set(train.labels.tolist()) <= set(train.vocab)
    assert (train.columns["context_movie_id"][:, 0] > 0).all()
    assert train.columns["context_movie_genre"].max() < meta["genre_vocab_size"]
    from_csv = DataLoader.generate_movielens_dataset(source, tmp_path / "b", max_context_movie_genre_length=32)
    assert Path(from_csv["train_file"]).read_bytes() == Path(meta["train_file"]).read_bytes()
    if real:
        assert train.vocab[1]["title"] == "Toy Story (1995)"
        ratings = pl.read_csv(source / "ratings.csv")
        assert len(train) + len(test) == len(ratings) - ratings["userId"].n_unique()  # all have rated enough
