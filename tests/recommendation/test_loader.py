"""Batches, of examples in memory and of a dataset that a user made."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from recframe.recommendation import DataLoader
from tests.recommendation.dat_layout import movielens_spec


def rows_of(dataset: tf.data.Dataset) -> list[tuple[Any, ...]]:
    rows = []
    for features, label in dataset.as_numpy_iterator():
        assert label.dtype == np.int32
        assert label.shape == (len(label), 1)
        np.testing.assert_array_equal(features["label_movie_id"], label)
        columns = (features["context_movie_id"], features["context_movie_genre"], label)
        rows.append([tuple(map(tuple, row)) for row in zip(*columns, strict=True)])
    return rows


def own_dataset(loader: DataLoader) -> DataLoader:
    """The same examples as a user's own dataset."""
    features = {**loader.columns, "label_movie_id": loader.labels[:, None]}
    dataset = tf.data.Dataset.from_tensor_slices((features, loader.labels[:, None]))
    return DataLoader(dataset, len(loader), loader.vocab)


@pytest.mark.parametrize("own", [False, True])
def test_gen_dataset(folder: Path, own: bool) -> None:
    loader = DataLoader.from_movielens(folder, "train", movielens_spec(50))
    if own:
        loader = own_dataset(loader)
    size = len(loader)
    columns = (loader.columns["context_movie_id"], loader.columns["context_movie_genre"], loader.labels[:, None])
    rows = [tuple(map(tuple, row)) for row in zip(*columns, strict=True)]
    assert size % 8
    plain = rows_of(loader.gen_dataset(8))
    assert list(chain(*plain)) == rows  # in order, the last batch too
    assert len(plain[-1]) == size % 8
    assert rows_of(loader.gen_dataset(8, shuffle=True)) == plain  # only training is shuffled
    assert len(rows_of(loader.gen_dataset(8, drop_remainder=True))) == size // 8
    training = loader.gen_dataset(8, is_training=True, shuffle=True)
    one, two = rows_of(training), rows_of(training)
    assert len(one) == size // 8
    assert one != two
    assert rows_of(loader.gen_dataset(8, is_training=True, shuffle=True)) == one
    everything = rows_of(loader.gen_dataset(8, is_training=True, shuffle=True, drop_remainder=False))
    assert sorted(chain(*everything)) == sorted(rows)
    assert len(rows_of(loader.gen_dataset(4, total_steps=3))) == 3
    assert len(rows_of(loader.gen_dataset(10_000, is_training=True))) == 1
    context = tf.distribute.InputContext(2, 1, 2)
    assert list(chain(*rows_of(loader.gen_dataset(8, input_pipeline_context=context)))) == rows[1::2]
    with pytest.raises(ValueError, match="batch_size is 0"):
        loader.gen_dataset(0)


@pytest.mark.parametrize("own", [False, True])
def test_preprocess_sees_single_examples(folder: Path, own: bool) -> None:
    loader = DataLoader.from_movielens(folder, "train", movielens_spec(50))
    loader = own_dataset(loader) if own else loader

    def preprocess(features: Any, label: Any, is_training: bool) -> Any:
        assert features["context_movie_id"].shape == (10,)
        assert is_training
        return {"twice": features["context_movie_id"] * 2}, label

    features, label = next(loader.gen_dataset(8, is_training=True, preprocess=preprocess).as_numpy_iterator())
    np.testing.assert_array_equal(features["twice"], loader.columns["context_movie_id"][:8] * 2)
    np.testing.assert_array_equal(label[:, 0], loader.labels[:8])


@pytest.mark.parametrize("own", [False, True])
def test_split(folder: Path, own: bool) -> None:
    loader = DataLoader.from_movielens(folder, "train", movielens_spec(50))
    loader = own_dataset(loader) if own else loader
    one, two = loader.split(0.3)
    assert len(one) == int(0.3 * len(loader))
    assert len(one) + len(two) == len(loader)
    assert type(one) is DataLoader
    assert one.vocab is loader.vocab
    np.testing.assert_array_equal(np.concatenate([one.labels, two.labels]), loader.labels)
    for fraction in (0, 1, 1.5):
        with pytest.raises(ValueError, match="fraction is"):
            loader.split(fraction)


def test_size_of_a_dataset_that_is_not_counted() -> None:
    dataset = tf.data.Dataset.from_tensor_slices(({"a": np.arange(5)[:, None]}, np.arange(5)[:, None]))
    loader = DataLoader(dataset, None, {3: {"id": 3}})
    assert len(loader) == 5
    assert loader.max_vocab_id == 3
    assert loader.columns["a"].shape == (5, 1)
