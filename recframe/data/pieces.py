"""Batches in which every step of a piece of a user's events predicts the next event."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from attrs import frozen

from recframe.data.packing import Rows, one_in_a_row, packed, row_length
from recframe.data.prepare import PreparedData
from recframe.data.sequences import Batch
from recframe.data.splits import TRAIN

#: Batches whose rows are laid out at once.
AT_ONCE = 32


@frozen(eq=False)
class Pieces:
    """Runs of consecutive events: int64 [pieces] first input event, and how many inputs follow it."""

    first: np.ndarray
    count: np.ndarray

    def row_length(self, size: int, pack: bool) -> int:
        """Steps of a row: as long as the longest piece, or longer where that leaves less padding."""
        return row_length(self.count, size) if pack else int(self.count.max(initial=1))

    def rows(self, length: int, pack: bool, rng: np.random.Generator) -> Rows:
        return packed(self.count, length, rng) if pack else one_in_a_row(self.count, length)


def cut_pieces(data: PreparedData, length: int, rng: np.random.Generator) -> Pieces:
    """Cut each user's training events into runs of `length` inputs, at a phase drawn anew for each call.

    The drawn phase lets each event appear with short and with long histories over the epochs. The first and the last
    piece of a user may be shorter. A user of at most `length` inputs is one piece, in which every history is whole.
    Every training target stands in exactly one piece.
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
    return Pieces(offsets[:-1][user] + begin, end - begin)


def first_pieces(data: PreparedData) -> Pieces:
    """A cut whose lengths stand for those of every epoch, so that all epochs have rows of one length."""
    return cut_pieces(data, data.history_length, np.random.default_rng(0))


def position_batches(data: PreparedData, size: int, rng: np.random.Generator, pack: bool) -> Iterator[Batch]:
    """Every next item of runs of events, about `size` steps a batch, shuffled; no target is padding.

    Args:
        pack: Several runs stand in a row.
    """
    length = max(first_pieces(data).row_length(size, pack), 1)
    pieces = cut_pieces(data, data.history_length, rng)
    rows = pieces.rows(length, pack, rng)
    per_step = max(1, size // length)
    order = rng.permutation(len(rows))
    order = np.concatenate([order, np.full(-len(order) % per_step, -1)])
    padding = data.interactions.num_events
    is_target = np.concatenate([(data.split.parts == TRAIN) & (data.labels > 0), [False]])
    labels = np.concatenate([data.labels, [0]]).astype(np.int32)
    for at in range(0, len(order), per_step * AT_ONCE):
        events, segments = rows.steps(order[at : at + per_step * AT_ONCE], pieces.first, pieces.count)
        following = np.where(segments > 0, events + 1, padding)
        events = np.where(segments > 0, events, padding)
        for begin in range(0, len(events), per_step):
            step = slice(begin, begin + per_step)
            targets = following[step].reshape(-1)
            places = np.flatnonzero(is_target[targets])
            weights = (np.arange(len(targets)) < len(places)).astype(np.float32)
            places = np.concatenate([places, np.zeros(len(targets) - len(places), np.int64)])
            yield Batch(
                {n: f.gather(events[step], events[step][:, 0]) for n, f in data.features.items()},
                np.where(weights > 0, labels[targets[places]], 0),
                weights,
                places.astype(np.int32),
                segments[step] if pack else None,
            )
