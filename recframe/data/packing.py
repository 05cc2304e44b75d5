"""Which pieces of histories share a row, so that an encoder works on events and not on padding.

Rows are packed as texts are for language models: several short histories stand in a row, one after another, and a
number says which history a step belongs to (Krell et al., "Efficient sequence packing without cross-contamination",
arXiv 2107.02027, 2021).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from attrs import frozen

#: A row as long as the longest piece is taken where no more of its steps than this share are padding.
PADDING = 0.04
#: Longer rows that are tried otherwise, in lengths of the longest piece.
LONGER = (1.0, 1.25, 1.5, 2.0, 3.0, 4.0)


@frozen(eq=False)
class Rows:
    """Pieces in rows: row r holds `pieces[offsets[r] : offsets[r + 1]]`, one after another, and then padding.

    Attributes:
        length: Steps of a row.
        offsets: int64 [rows + 1].
        pieces: int64 [pieces].
    """

    length: int
    offsets: np.ndarray
    pieces: np.ndarray

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def steps(self, rows: np.ndarray, first: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The event at each step, -1 for padding, and the number of its history in the row, 0 for padding.

        Args:
            rows: int64 [n]; -1 for an empty row.
            first, count: int64 [pieces]; the first event of each piece, and its events.

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
    """The ranges from `begin`, one after another: which range each element is of, and the element."""
    which = np.repeat(np.arange(len(count)), count)
    return which, np.arange(len(which)) + (begin - (np.cumsum(count) - count))[which]


def one_in_a_row(count: np.ndarray, length: int) -> Rows:
    """Rows of a piece each, for encoders that can't tell histories apart."""
    return Rows(length, np.arange(len(count) + 1), np.arange(len(count)))


def packed(count: np.ndarray, length: int, rng: np.random.Generator) -> Rows:
    """Pieces packed into as few rows as may be: the longest first, each into what room is left (best fit decreasing).

    Args:
        count: int64 [pieces], the steps of each; 1 to `length`.
        rng: Draws which of the pieces of one length come together.
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
    """Lengths that share a row, and in how many rows: few patterns make all rows, so millions of pieces cost little.

    Args:
        left: int64 [length + 1]; how many pieces there are of each length.
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


def row_length(count: np.ndarray, most: int) -> int:
    """Steps of a row in which the pieces leave little padding: the shortest that does, else the best.

    Args:
        count: int64 [pieces], the steps of each.
        most: Longest row that may be taken, unless a piece is longer.
    """
    longest = int(count.max(initial=1))
    lengths = [length for length in dict.fromkeys(int(longest * factor) for factor in LONGER) if length <= most]
    return min(lengths or [longest], key=lambda length: (_excess(count, length), length))


def _excess(count: np.ndarray, length: int) -> float:
    """Share of padding above PADDING."""
    rows = sum(times for _, times in _patterns(np.bincount(count, minlength=length + 1), length))
    return max(1 - int(count.sum()) / max(rows * length, 1) - PADDING, 0.0)
