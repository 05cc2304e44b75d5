"""The files that are generated from MovieLens, read without recframe."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

META_KEYS = [
    "train_size", "test_size", "train_file", "test_file", "vocab_size", "vocab_file", "vocab_max_id",
    "year_vocab_size", "year_vocab_file", "genre_vocab_size", "genre_vocab_file",
]  # fmt: skip
TRAIN, TEST = "train_movielens_1m.tfrecord", "test_movielens_1m.tfrecord"


def records(pattern: str) -> list[tf.train.Example]:
    files = sorted(tf.io.gfile.glob(pattern))
    return [tf.train.Example.FromString(record) for record in tf.data.TFRecordDataset(files).as_numpy_iterator()]


def as_tuple(example: tf.train.Example) -> tuple[Any, ...]:
    columns = example.features.feature
    return (
        tuple(columns["context_movie_id"].int64_list.value),
        tuple(columns["context_movie_rating"].float_list.value),
        tuple(word.decode() for word in columns["context_movie_genre"].bytes_list.value),
        tuple(columns["context_movie_year"].int64_list.value),
        tuple(columns["label_movie_id"].int64_list.value),
    )
