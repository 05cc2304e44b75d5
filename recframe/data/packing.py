"""Sequence packing: puts several short pieces of histories into one row, so that less of the work is on padding.

The pieces of a row stand one after another, and a segment number says which history each step belongs to (Krell et
al., "Efficient sequence packing without cross-contamination", arXiv 2107.02027, 2021).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from attrs import frozen

#: A share of padding that is small enough: `row_length` takes the shortest row with no more padding than this.
PADDING = 0.04
#: The row lengths that are tried, as multiples of the longest piece.
FACTORS = (1.0, 1.25, 1.5, 2.0, 3.0, 4.0)


@frozen(eq=False)
class Rows:
    """Pieces in rows. Row r holds `pieces[offsets[r] : offsets[r + 1]]`, one after another, and then padding.

    Attributes:
        length: Steps in a row.
        offsets: int64 [rows + 1].
        pieces: int64 [pieces].
    """

    length: int
    offsets: np.ndarray
    pieces: np.ndarray

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def steps(self, rows: np.ndarray, first: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The event at each step (-1 for padding) and the number of its history in the row (0 for padding).

        Args:
            rows: int64 [n]; -1 for an empty row.
            first, count: int64 [pieces]; the first event of each piece, and the number of its events.

        Returns:
            int64 [n, length] and int32 [n, length].
        """
        begin, end = (np.where(rows >= 0, self.offsets[rows + shift], 0) for shift in (0, 1))
        row, pieces = _ranges(begin, end - begin)
        counts = count[self.pieces[pieces]]
        before = np.cumsum(counts) - counts
        first_of_row = np.searchsorted(row, np.arange(len(rows)))
        number = np.arange(len(row)) - first_of_row[row] + 1
        piece, event = _ranges(first[self.pieces[pieces]], counts)
        place = np.arange(len(piece)) + (row * self.length - before[first_of_row[row]])[piece]
        events = np.full(len(rows) * self.length, -1, np.int64)
        segments = np.zeros(len(rows) * self.length, np.int32)
        events[place], segments[place] = event, number[piece]
        return events.reshape(-1, self.length), segments.reshape(-1, self.length)


def _ranges(begin: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Concatenate ranges of `count` integers from `begin`. Returns the range of each element, and the element."""
    which = np.repeat(np.arange(len(count)), count)
    return which, np.arange(len(which)) + (begin - (np.cumsum(count) - count))[which]


def one_per_row(count: np.ndarray, length: int) -> Rows:
    """Rows of one piece each, for encoders that cannot keep several histories in a row apart."""
    return Rows(length, np.arange(len(count) + 1), np.arange(len(count)))


def pack_best_fit(count: np.ndarray, length: int, rng: np.random.Generator) -> Rows:
    """Pack pieces into few rows: the longest first, each into the remaining space of a row (best fit decreasing).

    Args:
        count: int64 [pieces]; the steps of each piece, from 1 to `length`.
        rng: Draws which pieces of equal length share a row.
    """
    shuffled = rng.permutation(len(count))
    by_length = shuffled[np.argsort(count[shuffled], kind="stable")]
    next_of = np.searchsorted(count[by_length], np.arange(length + 2))
    blocks = []
    for pattern, times in _patterns(np.bincount(count, minlength=length + 1), length):
        columns = np.empty((times, len(pattern)), np.int64)
        for column, steps in enumerate(pattern):
            columns[:, column] = by_length[next_of[steps] : next_of[steps] + times]
            next_of[steps] += times
        blocks.append(columns)
    sizes = np.concatenate([np.full(len(block), block.shape[1]) for block in blocks] or [np.zeros(0, np.int64)])
    pieces = np.concatenate([block.reshape(-1) for block in blocks] or [np.zeros(0, np.int64)])
    return Rows(length, np.concatenate([[0], np.cumsum(sizes)]), pieces)


def _patterns(left: np.ndarray, length: int) -> Iterator[tuple[list[int], int]]:
    """The lengths that share a row, and the number of such rows. A few patterns cover millions of pieces.

    Args:
        left: int64 [length + 1]; the number of pieces of each length.
    """
    left = left.copy()
    left[0] = 0
    while len(lengths := np.flatnonzero(left)[::-1]):
        room, pattern, times = length, [], int(left.max())
        for steps in lengths.tolist():
            if steps <= room:
                several = min(room // steps, int(left[steps]))
                pattern += [steps] * several
                times = min(times, int(left[steps]) // several)
                room -= several * steps
        for steps in set(pattern):
            left[steps] -= times * pattern.count(steps)
        yield pattern, times


def row_length(count: np.ndarray, longest: int, most: int) -> int:
    """The shortest row length with little padding; if there is none, the length with the least padding.

    Args:
        count: int64 [pieces]; the steps of each piece.
        longest: The steps of the longest piece that a row must hold; `count` may have only shorter ones.
        most: The largest length allowed, unless a piece can be longer.
    """
    lengths = [length for length in dict.fromkeys(int(longest * factor) for factor in FACTORS) if length <= most]
    return min(lengths or [longest], key=lambda length: (_excess(count, length), length))


def _excess(count: np.ndarray, length: int) -> float:
    """The share of padding, as far as it exceeds PADDING."""
    rows = sum(times for _, times in _patterns(np.bincount(count, minlength=length + 1), length))
    return max(1 - int(count.sum()) / max(rows * length, 1) - PADDING, 0.0)
