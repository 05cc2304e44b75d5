"""The encoded bytes are those that protobuf writes for the same Examples."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings, strategies as st

from recframe.proto.example_bytes import Values, Words, encode_examples

INT64 = st.one_of(st.integers(0, 300), st.integers(0, 2**35), st.integers(-(2**63), 2**63 - 1))
FLOAT32 = st.floats(width=32, allow_nan=False)
WORDS = st.lists(st.binary(max_size=200), min_size=1, max_size=4)


@st.composite
def examples(draw: st.DrawFn) -> dict[str, Values]:
    """Features of every kind and of every length, including 0."""
    rows = draw(st.integers(1, 4))
    by_name: dict[str, Values] = {}
    for name in draw(st.sets(st.text(min_size=1, max_size=150), min_size=1, max_size=4)):
        kind, length = draw(st.sampled_from(["int", "float", "words"])), draw(st.integers(0, 5))
        count = rows * length
        if kind == "int":
            values = draw(st.lists(INT64, min_size=count, max_size=count))
            by_name[name] = np.array(values, np.int64).reshape(rows, length)
        elif kind == "float":
            numbers = draw(st.lists(FLOAT32, min_size=count, max_size=count))
            by_name[name] = np.array(numbers, np.float32).reshape(rows, length)
        else:
            table = draw(WORDS)
            codes = draw(st.lists(st.integers(0, len(table) - 1), min_size=count, max_size=count))
            by_name[name] = Words(np.array(codes, np.int64).reshape(rows, length), table)
    return by_name


def one_by_one(features: dict[str, Values], row: int) -> tf.train.Example:
    example = tf.train.Example()
    for name, values in features.items():
        feature = example.features.feature[name]
        if isinstance(values, Words):
            feature.bytes_list.SetInParent()
            feature.bytes_list.value.extend(values.table[code] for code in values.codes[row])
        elif values.dtype.kind == "f":
            feature.float_list.SetInParent()
            feature.float_list.value.extend(values[row].tolist())
        else:
            feature.int64_list.SetInParent()
            feature.int64_list.value.extend(values[row].tolist())
    return example


@settings(max_examples=200, deadline=None)
@given(examples())
def test_same_bytes_as_protobuf(features: dict[str, Values]) -> None:
    flat, offsets = encode_examples(features)
    for row in range(len(offsets) - 1):
        record = flat[offsets[row] : offsets[row + 1]].tobytes()
        expected = one_by_one(features, row)
        assert tf.train.Example.FromString(record) == expected
        # Of keys of which one begins another, some versions of protobuf write the longer first.
        if not any(a != b and a.startswith(b) for a in features for b in features):
            assert record == expected.SerializeToString(deterministic=True)


@pytest.mark.parametrize("value", [0, 127, 128, 16_383, 16_384, 2**32 - 1, 2**32, 2**63 - 1, -1, -(2**63)])
def test_numbers_at_the_edges_of_a_byte(value: int) -> None:
    flat, _ = encode_examples({"id": np.array([[value, 1]])})
    assert list(tf.train.Example.FromString(flat.tobytes()).features.feature["id"].int64_list.value) == [value, 1]


def test_rows_of_different_lengths_in_one_call() -> None:
    values = np.array([[1, 1], [10**12, 1], [300, 10**15]])
    flat, offsets = encode_examples({"id": values, "w": Words(np.array([[0], [1], [0]]), [b"", b"x" * 300])})
    assert len(np.unique(np.diff(offsets))) == 3
    for row, expected in enumerate(values.tolist()):
        example = tf.train.Example.FromString(flat[offsets[row] : offsets[row + 1]].tobytes())
        assert list(example.features.feature["id"].int64_list.value) == expected


def test_no_rows() -> None:
    flat, offsets = encode_examples({"id": np.zeros((0, 3), np.int64), "rating": np.zeros((0, 2), np.float32)})
    assert len(flat) == 0
    assert offsets.tolist() == [0]
