"""Encodes many tf.train.Examples at once. NumPy writes the bytes that protobuf would write one message at a time.

An Example is `{1: Features}`. Features is a map of `{1: name, 2: Feature}` entries. A Feature is one of `{1:
BytesList}`, `{2: FloatList}` and `{3: Int64List}`, whose numbers are packed. The bytes of all rows stand in a matrix
that is as wide as the longest row, and a mask tells which bytes belong to a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from attrs import frozen

BYTES, FLOATS, INTS = 0x0A, 0x12, 0x1A  # tags of the three kinds of list in a Feature
FIRST, SECOND = 0x0A, 0x12  # tags of fields 1 and 2 where they have a length


@frozen(eq=False)
class Words:
    """Text values as indices into a table.

    Attributes:
        codes: int [rows, length]; indices into the table.
        table: The byte strings.
    """

    codes: np.ndarray
    table: Sequence[bytes]


#: Whole numbers [rows, length] of any integer type, float32 [rows, length], or text.
Values: TypeAlias = np.ndarray | Words
_Block: TypeAlias = tuple[np.ndarray, np.ndarray]  # uint8 and bool [rows, width]


@frozen(eq=False)
class _Message:
    """One message in each row: the blocks side by side, and the number of bytes of each row, int64 [rows]."""

    blocks: tuple[_Block, ...]
    lengths: np.ndarray


def encode_examples(features: Mapping[str, Values]) -> tuple[np.ndarray, np.ndarray]:
    """Encode all rows as Examples in canonical form, with the features in the order of their names.

    Returns:
        The bytes, uint8 [bytes], and offsets, int64 [rows + 1]: row r is bytes offsets[r] to offsets[r + 1].
    """
    entries = []
    for name in sorted(features):
        tag, values = _list(features[name])
        feature = _with_length(tag, values)
        key = _constant(bytes([FIRST]) + _varint(len(name.encode())) + name.encode(), len(feature.lengths))
        entries.append(_with_length(FIRST, _join(key, _with_length(SECOND, feature))))
    example = _with_length(FIRST, _join(*entries))
    matrix = np.concatenate([block for block, _ in example.blocks], axis=1)
    mask = np.concatenate([mask for _, mask in example.blocks], axis=1)
    offsets = np.zeros(len(matrix) + 1, np.int64)
    np.cumsum(example.lengths, out=offsets[1:])
    return matrix[mask], offsets


def _list(values: Values) -> tuple[int, _Message]:
    """The tag of the list within a Feature, and the encoded list."""
    if isinstance(values, Words):
        matrix, mask = _table([bytes([FIRST]) + _varint(len(word)) + word for word in values.table])
        shape = len(values.codes), values.codes.shape[1] * matrix.shape[1]
        return BYTES, _message(matrix[values.codes].reshape(shape), mask[values.codes].reshape(shape))
    if values.dtype.kind == "f":
        flat = np.ascontiguousarray(values, "<f4").view(np.uint8).reshape(len(values), 4 * values.shape[1])
        return FLOATS, _packed(_message(flat, np.ones(flat.shape, bool)))
    return INTS, _packed(_message(*_varints(values)))


def _packed(numbers: _Message) -> _Message:
    """The packed numbers as field 1. A list without numbers has no field."""
    return _with_length(FIRST, numbers) if numbers.blocks[0][0].shape[1] else numbers


def _varints(values: np.ndarray) -> _Block:
    """Encode int [rows, length] as varints: 7 bits a byte, lowest first; the high bit means that more follow."""
    numbers = np.ascontiguousarray(values, np.int64).view(np.uint64)  # a negative number has ten bytes
    largest = int(numbers.max(initial=0))
    if largest < 1 << 32:
        numbers = numbers.astype(np.uint32)  # half the memory to read
    width = max(1, -(-largest.bit_length() // 7))
    parts = numbers[..., None] >> (7 * np.arange(width)).astype(numbers.dtype)
    mask = parts > 0
    mask[..., 0] = True
    matrix = (parts & numbers.dtype.type(127)).astype(np.uint8)
    matrix[..., :-1] |= mask[..., 1:].view(np.uint8) << 7
    rows = len(values)
    return matrix.reshape(rows, width * values.shape[1]), mask.reshape(rows, width * values.shape[1])


def _varint(value: int) -> bytes:
    matrix, mask = _varints(np.array([[value]]))
    return matrix[mask].tobytes()


def _table(words: Sequence[bytes]) -> _Block:
    """The byte strings as rows of a matrix."""
    width = max(map(len, words), default=0)
    matrix = np.frombuffer(b"".join(word.ljust(width, b"\0") for word in words), np.uint8).reshape(len(words), width)
    return matrix, np.arange(width) < np.array([len(word) for word in words], np.int64)[:, None]


def _constant(text: bytes, rows: int) -> _Message:
    return _message(*(np.broadcast_to(part, (rows, len(text))) for part in _table([text])))


def _message(matrix: np.ndarray, mask: np.ndarray) -> _Message:
    return _Message(((matrix, mask),), np.count_nonzero(mask, axis=1).astype(np.int64))


def _join(*messages: _Message) -> _Message:
    lengths = np.sum([message.lengths for message in messages], axis=0)
    return _Message(tuple(block for message in messages for block in message.blocks), lengths)


def _with_length(tag: int, message: _Message) -> _Message:
    """The message as a field: tag, length and content."""
    rows = len(message.lengths)
    return _join(_constant(bytes([tag]), rows), _message(*_varints(message.lengths[:, None])), message)
