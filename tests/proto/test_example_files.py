"""A TFRecord file that is cut off is reported, even if TensorFlow sees no error: a cut inside a header."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from recframe.errors import DataError
from recframe.proto.example_files import INTS, ListColumn, read_examples

WANTED = {"a": ListColumn("a", INTS)}


def write(path: Path, rows: int) -> list[int]:
    """Write a file of examples. Returns the end of each record."""
    ends = [0]
    with tf.io.TFRecordWriter(str(path)) as writer:
        for row in range(rows):
            values = tf.train.Feature(int64_list=tf.train.Int64List(value=list(range(row + 1))))
            record = tf.train.Example(features=tf.train.Features(feature={"a": values})).SerializeToString()
            writer.write(record)
            ends.append(ends[-1] + len(record) + 16)
    return ends


def test_every_cut_inside_a_record_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "x.tfrecord"
    ends = write(path, 3)
    content = path.read_bytes()
    assert ends[-1] == len(content)
    for at in range(1, len(content)):
        path.write_bytes(content[:at])
        if at in ends:
            assert len(read_examples([str(path)], WANTED)["a"]) == ends.index(at)
        else:
            with pytest.raises(DataError, match=r"x\.tfrecord"):
                read_examples([str(path)], WANTED)


def test_the_message_names_the_file_that_is_cut_off(tmp_path: Path) -> None:
    files = [tmp_path / f"x-{shard}" for shard in range(3)]
    ends = [write(file, 2) for file in files]
    np.testing.assert_equal(len(read_examples([str(file) for file in files], WANTED)["a"]), 6)
    files[1].write_bytes(files[1].read_bytes()[: ends[1][1] + 5])
    with pytest.raises(
        DataError, match=rf"x-1 is cut off: its last whole record ends at byte {ends[1][1]}, .* {ends[1][1] + 5};"
    ):
        read_examples([str(file) for file in files], WANTED)
