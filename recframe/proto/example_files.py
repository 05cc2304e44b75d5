"""Writes TFRecord files of tf.train.Examples, in one file or in shards, and reads them into columns."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen

from recframe.errors import DataError

#: The kinds of list in a tf.train.Feature.
BYTES, INTS, FLOATS = "bytes_list", "int64_list", "float_list"
ROWS_AT_ONCE = 32_768  # encoded together, about 10 MB
READ_AT_ONCE = 8_192
BUFFER = 1 << 20
FRAME = 16  # bytes around a record: its length and two checksums


@frozen
class ListColumn:
    """The lists of one key.

    Attributes:
        kind: BYTES, INTS or FLOATS.
        words: The vocabulary of BYTES. An id is an index into it; an unknown word has id 0.
    """

    key: str
    kind: str
    words: Sequence[str] | None = None


def shard_names(name: str, shards: int) -> list[str]:
    return [name] if shards == 1 else [f"{name}-{shard:05d}-of-{shards:05d}" for shard in range(shards)]


def shard_pattern(name: str, shards: int) -> str:
    """The name or pattern of all shards, for TensorFlow and for `find_files`."""
    return name if shards == 1 else f"{name}-?????-of-{shards:05d}"


def write_examples(
    paths: Sequence[Path], rows: int, encode: Callable[[int, int], tuple[np.ndarray, np.ndarray]]
) -> None:
    """Write `rows` rows in order into files of nearly equal length.

    Args:
        encode: Takes the first row and the row after the last, and returns bytes and offsets as `encode_examples` does.
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
    """The files of a path or a pattern, in the order of their names. Raises DataError if there are none."""
    import tensorflow as tf

    text = os.fspath(pattern)
    files = [text] if os.path.isfile(text) else sorted(tf.io.gfile.glob(text))
    if not files:
        raise DataError(f"no file {text}; give the path or pattern of TFRecord files")
    return files


def read_examples(files: Sequence[str], wanted: Mapping[str, ListColumn]) -> dict[str, np.ndarray]:
    """Read the lists of all examples, by the names of `wanted`.

    Returns:
        int64 or float32 [examples, longest list]; a shorter list is followed by padding.

    Raises:
        DataError: if a file is damaged, or has a list of another kind.
    """
    import tensorflow as tf

    types = {BYTES: (tf.string, "UNK"), INTS: (tf.int64, 0), FLOATS: (tf.float32, 0.0)}
    parse = {}
    for column in wanted.values():
        dtype, pad = types[column.kind]
        parse[column.key] = tf.io.FixedLenSequenceFeature([], dtype, True, pad)
    tables = {name: _table(tf, column.words) for name, column in wanted.items() if column.words is not None}

    def columns(records: Any) -> tuple[dict[str, Any], Any]:
        parsed = tf.io.parse_example(records, parse)
        lists = {name: parsed[column.key] for name, column in wanted.items()}
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
    return {name: _stack([batch[name] for batch, _ in batches], column.kind) for name, column in wanted.items()}


def _require_all_bytes(files: Sequence[str], read: int) -> None:
    """Raise DataError if the records that were read are shorter than the files.

    TensorFlow reports no error for a file that is cut off inside the header of a record.
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
    first = {word: place for place, word in reversed(list(enumerate(words)))}  # of equal lines the first counts
    values = tf.lookup.KeyValueTensorInitializer(list(first), list(first.values()), tf.string, tf.int64)
    return tf.lookup.StaticHashTable(values, default_value=0)


def _stack(parts: Sequence[np.ndarray], kind: str) -> np.ndarray:
    """Stack the batches. Each batch is only as wide as its own longest list."""
    rows, width = sum(map(len, parts)), max((part.shape[1] for part in parts), default=0)
    stacked = np.zeros((rows, width), np.float32 if kind == FLOATS else np.int64)
    at = 0
    for part in parts:
        stacked[at : at + len(part), : part.shape[1]] = part
        at += len(part)
    return stacked


def first_lists(files: Sequence[str]) -> dict[str, tuple[str, int]]:
    """The kind and the length of each list in the first example of the files, by key. An empty list has the kind "".

    Raises:
        DataError: if a file does not hold TFRecords of tf.train.Examples.
    """
    import tensorflow as tf

    for path in files:
        try:
            for record in tf.data.TFRecordDataset(path, buffer_size=BUFFER).take(1).as_numpy_iterator():
                lists = tf.train.Example.FromString(record).features.feature
                kinds = {key: lists[key].WhichOneof("kind") or "" for key in lists}
                if kinds:
                    return {
                        key: (kind, len(getattr(lists[key], kind or "bytes_list").value)) for key, kind in kinds.items()
                    }
        except Exception as error:  # protobuf's and TensorFlow's errors have no common base
            raise DataError(f"{path} does not hold TFRecords of tf.train.Examples: {error}") from None
    return {}
