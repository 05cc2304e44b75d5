"""tf.data pipelines of a DataLoader: batches of columns in memory, or of a dataset that the user made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from attrs import frozen


@frozen
class Batching:
    """How `gen_dataset` was asked to make batches."""

    size: int
    shuffle: bool
    drop_remainder: bool
    total_steps: int | None
    seed: int
    shard: tuple[int, int] | None = None
    preprocess: Callable[[Any, Any], Any] | None = None


def column_batches(columns: Mapping[str, np.ndarray], labels: np.ndarray, label_name: str, how: Batching) -> Any:
    """Batches of (features, label), gathered from the columns by row: nothing is shuffled but row numbers.

    Args:
        columns: [examples, length] by feature.
        labels: int32 [examples].
    """
    import tensorflow as tf

    features = {name: tf.constant(values) for name, values in columns.items()}
    label = tf.constant(labels[:, None])

    def rows(index: Any) -> tuple[dict[str, Any], Any]:
        batch = {name: tf.gather(values, index) for name, values in features.items()}
        chosen = tf.gather(label, index)
        return {**batch, label_name: chosen}, chosen

    index = tf.data.Dataset.range(len(labels))
    if how.preprocess is None:
        return _finish(_batched(_ordered(index, len(labels), how), how).map(rows, tf.data.AUTOTUNE), how)
    elements = _ordered(index, len(labels), how).map(rows, tf.data.AUTOTUNE).map(how.preprocess, tf.data.AUTOTUNE)
    return _finish(_batched(elements, how), how)


def dataset_batches(dataset: Any, size: int, how: Batching) -> Any:
    """Batches of a dataset of single examples."""
    if how.preprocess is not None:
        import tensorflow as tf

        dataset = dataset.map(how.preprocess, tf.data.AUTOTUNE)
    return _finish(_batched(_ordered(dataset, size, how), how), how)


def _ordered(dataset: Any, size: int, how: Batching) -> Any:
    if how.shard is not None:
        dataset = dataset.shard(*how.shard)
    # A buffer of every example: a smaller one leaves neighbours together.
    return dataset.shuffle(max(size, 1), seed=how.seed, reshuffle_each_iteration=True) if how.shuffle else dataset


def _batched(dataset: Any, how: Batching) -> Any:
    return dataset.batch(how.size, drop_remainder=how.drop_remainder)


def _finish(dataset: Any, how: Batching) -> Any:
    import tensorflow as tf

    return (dataset if how.total_steps is None else dataset.take(how.total_steps)).prefetch(tf.data.AUTOTUNE)


def collect(dataset: Any) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The columns [examples, length] and labels int32 [examples] of a dataset of single (features, label) examples."""
    features: dict[str, list[np.ndarray]] = {}
    labels: list[np.ndarray] = []
    for batch, label in dataset.batch(4096).as_numpy_iterator():
        for name, values in batch.items():
            features.setdefault(name, []).append(values.reshape(len(values), -1))
        labels.append(np.asarray(label, np.int32).reshape(len(label), -1)[:, 0])
    types = {"i": np.int32, "u": np.int32, "f": np.float32}
    stacked = {name: np.concatenate(parts) for name, parts in features.items()}
    columns = {name: values.astype(types.get(values.dtype.kind, values.dtype)) for name, values in stacked.items()}
    return columns, np.concatenate(labels) if labels else np.zeros(0, np.int32)
