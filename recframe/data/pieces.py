"""Batches for training on positions: in a piece of a user's events, every step predicts the next event."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from attrs import frozen

from recframe.data.packing import Rows, one_per_row, pack_best_fit, row_length
from recframe.data.prepare import PreparedData
from recframe.data.sequences import Batch
from recframe.data.splits import TRAIN

#: Number of batches whose rows are made together.
BATCHES_AT_ONCE = 32


@frozen(eq=False)
class Pieces:
    """Pieces of consecutive events.

    Attributes:
        first: int64 [pieces]; the first input event of each piece.
        count: int64 [pieces]; the number of its input events.
        longest: The number of input events of the longest piece that any cut of the same users can have.
    """

    first: np.ndarray
    count: np.ndarray
    longest: int

    def row_length(self, size: int, pack: bool) -> int:
        """Steps in a row: those of the longest piece of any cut, or more if packing then leaves less padding."""
        return row_length(self.count, self.longest, size) if pack else self.longest

    def rows(self, length: int, pack: bool, rng: np.random.Generator) -> Rows:
        return pack_best_fit(self.count, length, rng) if pack else one_per_row(self.count, length)


def cut_pieces(data: PreparedData, length: int, rng: np.random.Generator) -> Pieces:
    """Cut each user's training events into pieces of `length` inputs. Each call draws new offsets for the cuts.

    Because of the random offset, an event has short and long histories over the epochs. The first and the last piece
    of a user may be shorter. A user with at most `length` inputs is one piece, in which every history is complete.
    Every training target is in exactly one piece.
    """
    offsets = data.interactions.offsets
    ends = offsets[1:]
    if not data.split.leaky:
        kept = np.concatenate([[0], np.cumsum(data.split.parts == TRAIN)])
        ends = offsets[:-1] + kept[offsets[1:]] - kept[offsets[:-1]]
    inputs = np.maximum(ends - offsets[:-1] - 1, 0)
    phase = np.where(inputs > length, rng.integers(0, length, len(inputs)), 0)
    pieces = np.where(inputs > 0, -(-(inputs + phase) // length), 0)
    user = np.repeat(np.arange(len(inputs)), pieces)
    number = np.arange(len(user)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    begin = np.maximum(number * length - phase[user], 0)
    end = np.minimum((number + 1) * length - phase[user], inputs[user])
    return Pieces(offsets[:-1][user] + begin, end - begin, max(min(length, int(inputs.max(initial=0))), 1))


def first_pieces(data: PreparedData) -> Pieces:
    """One fixed cut, which sets the row length for every epoch, so that all epochs have the same shape."""
    return cut_pieces(data, data.training_length, np.random.default_rng(0))


def position_batches(data: PreparedData, size: int, rng: np.random.Generator, pack: bool) -> Iterator[Batch]:
    """Batches of about `size` steps in random order. Each step of a piece has the next item as its target.

    Args:
        pack: Whether a row holds several pieces.
    """
    length = first_pieces(data).row_length(size, pack)
    pieces = cut_pieces(data, data.training_length, rng)
    rows = pieces.rows(length, pack, rng)
    per_step = max(1, size // length)
    order = rng.permutation(len(rows))
    order = np.concatenate([order, np.full(-len(order) % per_step, -1)])
    padding = data.interactions.num_events
    is_target = np.concatenate([data.split.parts == TRAIN, [False]])
    labels = np.concatenate([data.labels, [0]]).astype(np.int32)
    for at in range(0, len(order), per_step * BATCHES_AT_ONCE):
        events, segments = rows.steps(order[at : at + per_step * BATCHES_AT_ONCE], pieces.first, pieces.count)
        following = np.where(segments > 0, events + 1, padding)
        events = np.where(segments > 0, events, padding)
        for begin in range(0, len(events), per_step):
            step = slice(begin, begin + per_step)
            targets = following[step].reshape(-1)
            places = np.flatnonzero(is_target[targets])
            weights = (np.arange(len(targets)) < len(places)).astype(np.float32)
            places = np.concatenate([places, np.zeros(len(targets) - len(places), np.int64)])
            yield Batch(
                {n: f.gather(events[step], events[step][:, 0], following[step]) for n, f in data.features.items()},
                np.where(weights > 0, labels[targets[places]], 0),
                weights,
                places.astype(np.int32),
                segments[step] if pack else None,
            )
