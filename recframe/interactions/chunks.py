"""Passes over long arrays in pieces that fit into the processor's cache, without copies of the whole on the way."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

#: Rows of a piece.
CHUNK = 1 << 17


def chunks(rows: int, size: int | None = None) -> Iterator[slice]:
    """The pieces of so many rows, one after another, each of `size` rows, or CHUNK, or less at the end."""
    size = size or CHUNK
    return (slice(at, min(at + size, rows)) for at in range(0, rows, size))


def occurrences(values: np.ndarray, size: int, kept: np.ndarray | None = None) -> np.ndarray:
    """int64 [size]: how often each of the numbers from 0 occurs.

    Args:
        values: int [rows], each below `size`.
        kept: bool [rows], which rows count; None: all.
    """
    total = np.zeros(size, np.int64)
    for part in chunks(len(values), max(CHUNK, size)):
        counted = values[part] if kept is None else values[part][kept[part]]
        total += np.bincount(counted, minlength=size)
    return total


def look_up(table: np.ndarray, index: np.ndarray, padding: int = 0) -> np.ndarray:
    """`table[index]`, and then as many zeros as `padding` says.

    NumPy first makes an int64 copy of an index of another type.
    """
    values = np.zeros(len(index) + padding, table.dtype)
    for part in chunks(len(index)):
        values[part] = table[index[part]]
    return values
