"""Sorts rows by columns of whole numbers, and finds the distinct numbers of a column."""

from __future__ import annotations

from math import prod

import numpy as np

from recframe.interactions.chunks import chunks

_UNITS = (10**9, 10**6, 10**3)  # that large numbers, such as nanoseconds, may all be multiples of
_LARGE = 10**9
_INT64_END = 1 << 63  # what a number of 64 bits with a sign holds
_CHUNK = 17  # bits of the rows that are looked at together, which fit into the processor's cache


def order_by(*columns: np.ndarray) -> np.ndarray | None:
    """int64 [rows]: the rows sorted by the first column, then by the next, and so on. Columns are whole numbers.

    The sort is stable. Returns None if the rows are already in order.
    """
    # The sort is stable, so a last column that is already ascending, often the time, changes nothing.
    while len(columns) > 1 and _is_ascending(columns[-1]):
        columns = columns[:-1]
    units = [_unit(values) for values in columns]
    lows = [int(values.min()) // unit for values, unit in zip(columns, units, strict=True)]
    highs = [int(values.max()) // unit for values, unit in zip(columns, units, strict=True)]
    spans = [high - low + 1 for low, high in zip(lows, highs, strict=True)]
    rows = len(columns[0])
    if prod(spans) >= _INT64_END:
        return np.lexsort(columns[::-1])
    # All columns in one number, so that one sort is enough.
    key = np.zeros(rows, np.int64)
    for part in chunks(rows):
        number = key[part]
        for values, unit, low, span in zip(columns, units, lows, spans, strict=True):
            number *= span
            number += values[part] if unit == 1 else values[part] // unit
            number -= low
    if _is_ascending(key):
        return None
    bits = rows.bit_length()
    if prod(spans) << bits >= _INT64_END:
        return np.argsort(key, kind="stable")
    # With its place in the number, a row needs no sort that keeps the order of equals, or that moves places too.
    for part in chunks(rows):
        key[part] <<= bits
        key[part] |= np.arange(part.start, part.stop)
    key.sort()
    for part in chunks(rows):
        key[part] &= (1 << bits) - 1
    return key


def first_of_pairs(groups: np.ndarray, values: np.ndarray) -> np.ndarray:
    """bool [rows]: whether a row is the first of its group with its value. Apart from the result, memory is bounded.

    Args:
        groups: int64 [groups + 1]; the rows of group i are groups[i] to groups[i + 1].
        values: int [rows], not negative.
    """
    first = np.ones(len(values), bool)
    span = int(values.max(initial=0)) + 1
    size = 1 << min(_CHUNK, (63 - span.bit_length()) // 2)
    start = 0
    while start < len(groups) - 1:
        # Whole groups, at least one. One number holds the group, the value and the index of a row.
        end = max(start + 1, int(np.searchsorted(groups, groups[start] + size, side="right")) - 1)
        end = min(end, start + size)
        at, rows = int(groups[start]), int(groups[end] - groups[start])
        if rows > 1:
            group = np.repeat(np.arange(end - start), np.diff(groups[start : end + 1]))
            bits = rows.bit_length()
            key = (group * span + values[at : at + rows]) << bits
            key |= np.arange(rows)
            key.sort()
            same = (key[1:] ^ key[:-1]) < 1 << bits
            first[at + (key[1:][same] & ((1 << bits) - 1))] = False
        start = end
    return first


def _is_ascending(values: np.ndarray) -> bool:
    before, after = values[:-1], values[1:]
    return all((after[part] >= before[part]).all() for part in chunks(len(after)))


def _unit(values: np.ndarray) -> int:
    """A common factor of the values, if they are large; else 1."""
    if int(values.max()) - int(values.min()) < _LARGE:
        return 1
    return next((unit for unit in _UNITS if not any((values[part] % unit).any() for part in chunks(len(values)))), 1)


def distinct_integers(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct numbers in order, and the index of each value among them, int32 [values]."""
    low, high = int(values.min()), int(values.max())
    if high - low < 4 * len(values) + 1_000_000:
        # Marking the numbers that occur needs no sort.
        present = np.zeros(high - low + 1, bool)
        for part in chunks(len(values)):
            present[values[part] - low] = True
        places = np.cumsum(present, dtype=np.int32) - 1
        codes = np.empty(len(values), np.int32)
        for part in chunks(len(values)):
            codes[part] = places[values[part] - low]
        return np.flatnonzero(present) + low, codes
    distinct, inverse = np.unique(values, return_inverse=True)
    return distinct, inverse.astype(np.int32)
