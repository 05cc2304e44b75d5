"""TFRecord files of tf.train.Examples: written in one or in shards, and read into columns."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from recframe.errors import DataError
from recframe.recommendation.feature_columns import FLOAT, INT, STRING, FeatureColumn

ROWS_AT_ONCE = 32_768  # about 10 MB of bytes under construction
READ_AT_ONCE = 8_192
BUFFER = 1 << 20
FRAME = 16  # bytes around a record: its length and two checksums
KINDS = {STRING: "bytes_list", INT: "int64_list", FLOAT: "float_list"}
SHOWN = {"bytes_list": "text", "int64_list": "whole numbers", "float_list": "floats"}


def shard_names(name: str, shards: int) -> list[str]:
    return [name] if shards == 1 else [f"{name}-{shard:05d}-of-{shards:05d}" for shard in range(shards)]


def shard_pattern(name: str, shards: int) -> str:
    """What stands for all shards: the name itself, or a pattern that both TensorFlow and `from_tfrecord` understand."""
    return name if shards == 1 else f"{name}-?????-of-{shards:05d}"


def write_examples(
    paths: Sequence[Path], rows: int, encode: Callable[[int, int], tuple[np.ndarray, np.ndarray]]
) -> None:
    """Write rows 0 to `rows`, in order, into files as equal as can be.

    Args:
        encode: The bytes and offsets of the Examples from one row to another, as `encode_examples` gives them.
    """
    import tensorflow as tf

    for shard, path in enumerate(paths):
        begin, end = shard * rows // len(paths), (shard + 1) * rows // len(paths)
        with tf.io.TFRecordWriter(str(path)) as writer:
            for at in range(begin, end, ROWS_AT_ONCE):
                flat, offsets = encode(at, min(at + ROWS_AT_ONCE, end))
                text = flat.tobytes()
                for first, last in pairwise(offsets.tolist()):
                    writer.write(text[first:last])


def find_files(pattern: str | Path) -> list[str]:
    """The files of a path or a pattern, in order of their names. Raises DataError where there are none."""
    import tensorflow as tf

    text = os.fspath(pattern)
    files = [text] if os.path.isfile(text) else sorted(tf.io.gfile.glob(text))
    if not files:
        raise DataError(f"no file {text}; give the path or pattern of TFRecord files")
    return files


def read_examples(
    files: Sequence[str], features: Sequence[FeatureColumn], keys: Mapping[str, str], words: Mapping[str, Sequence[str]]
) -> dict[str, np.ndarray]:
    """The lists of all examples by feature: int64 or float32 [examples, longest list], padded on the right.

    Args:
        keys: The key of a feature in the file, where it differs from its name.
        words: For each feature of type STRING its vocabulary; the ids are places in it, 0 where a word is unknown.

    Raises:
        DataError: A damaged file, or a feature that the file does not have, or has as another type.
    """
    import tensorflow as tf

    _check_keys(files, features, keys)
    types = {STRING: (tf.string, "UNK"), INT: (tf.int64, 0), FLOAT: (tf.float32, 0.0)}
    parse = {}
    for feature in features:
        dtype, pad = types[feature.type]
        parse[keys.get(feature.name, feature.name)] = tf.io.FixedLenSequenceFeature([], dtype, True, pad)
    tables = {name: _table(tf, list_) for name, list_ in words.items()}

    def columns(records: Any) -> tuple[dict[str, Any], Any]:
        parsed = tf.io.parse_example(records, parse)
        lists = {feature.name: parsed[keys.get(feature.name, feature.name)] for feature in features}
        columns = {name: tables[name].lookup(values) if name in tables else values for name, values in lists.items()}
        return columns, tf.reduce_sum(tf.cast(tf.strings.length(records), tf.int64) + FRAME)

    dataset = (
        tf.data.TFRecordDataset(files, buffer_size=BUFFER)
        .batch(READ_AT_ONCE)
        .map(columns, num_parallel_calls=tf.data.AUTOTUNE)
    )
    try:
        batches = list(dataset.prefetch(2).as_numpy_iterator())
    except tf.errors.OpError as error:
        raise DataError(f"{files[0]} cannot be read as TFRecords of tf.train.Examples: {error.message}") from None
    _require_all_bytes(files, sum(int(size) for _, size in batches))
    return {feature.name: _stack([batch[feature.name] for batch, _ in batches], feature.type) for feature in features}


def _require_all_bytes(files: Sequence[str], read: int) -> None:
    """Raise DataError where the records that were read are not all bytes of the files.

    TensorFlow takes a file that is cut within the header of a record for one that ends there.
    """
    import tensorflow as tf

    sizes = [tf.io.gfile.stat(file).length for file in files]
    if read == sum(sizes):
        return
    for file, size in zip(files, sizes, strict=True):
        lengths = (len(record) + FRAME for record in tf.data.TFRecordDataset(file).as_numpy_iterator())
        if (end := sum(lengths)) != size:
            raise DataError(
                f"{file} is cut off: its last whole record ends at byte {end:,}, and the file has {size:,}; write it "
                "again"
            )


def _table(tf: Any, words: Sequence[str]) -> Any:
    first = {word: place for place, word in reversed(list(enumerate(words)))}  # a line that repeats another is not used
    values = tf.lookup.KeyValueTensorInitializer(list(first), list(first.values()), tf.string, tf.int64)
    return tf.lookup.StaticHashTable(values, default_value=0)


def _stack(parts: Sequence[np.ndarray], type_: int) -> np.ndarray:
    """The batches under one another; each is as wide as its own longest list."""
    rows, width = sum(map(len, parts)), max((part.shape[1] for part in parts), default=0)
    stacked = np.zeros((rows, width), np.float32 if type_ == FLOAT else np.int64)
    at = 0
    for part in parts:
        stacked[at : at + len(part), : part.shape[1]] = part
        at += len(part)
    return stacked


def example_lengths(path: str) -> dict[str, tuple[str, int]]:
    """The kind and the length of each list in the first example of a file; nothing for an empty file."""
    import tensorflow as tf

    try:
        for record in tf.data.TFRecordDataset(path, buffer_size=BUFFER).take(1).as_numpy_iterator():
            lists = tf.train.Example.FromString(record).features.feature
            kinds = {key: lists[key].WhichOneof("kind") or "" for key in lists}
            return {key: (kind, len(getattr(lists[key], kind).value) if kind else 0) for key, kind in kinds.items()}
    except Exception as error:  # protobuf's and TensorFlow's errors have no common base
        raise DataError(f"{path} does not hold TFRecords of tf.train.Examples: {error}") from None
    return {}


def _check_keys(files: Sequence[str], features: Sequence[FeatureColumn], keys: Mapping[str, str]) -> None:
    """A feature that the first example lacks is taken for a wrong name: filling it with padding would hide that."""
    first = next(filter(None, map(example_lengths, files)), None)
    if first is None:
        return
    for feature in features:
        key = keys.get(feature.name, feature.name)
        if key not in first:
            listed = ", ".join(sorted(first))
            raise DataError(f"{files[0]}: no {key!r} in the first example, which has {listed}; name it in `mapping`")
        kind, expected = first[key][0], KINDS[feature.type]
        if kind not in ("", expected):
            what = f"{key!r} holds {SHOWN[kind]}, the feature_type of {feature.name} needs {SHOWN[expected]}"
            raise DataError(f"{files[0]}: {what}; correct the feature_type, or name another key in `mapping`")
