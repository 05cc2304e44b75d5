"""Batches of the training targets of prepared data, in the layout that the model needs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from attrs import frozen

from recframe.data.pieces import first_pieces, position_batches
from recframe.data.prepare import PreparedData
from recframe.data.sequences import Batch, Layout, window_batches
from recframe.data.splits import TRAIN


@frozen(eq=False)
class SequenceExamples:
    """Gathers training targets and their histories batch by batch. Implements `recframe.data.sequences.Examples`."""

    data: PreparedData

    @property
    def label_counts(self) -> np.ndarray:
        return self.data.label_counts

    def batches(self, size: int, layout: Layout, rng: np.random.Generator) -> Iterator[Batch]:
        return (
            window_batches(self.data, size, rng)
            if layout == "windows"
            else position_batches(self.data, size, rng, layout == "packed")
        )

    def steps(self, size: int, layout: Layout) -> int:
        if layout == "windows":
            return -(-len(self.data.targets(TRAIN)) // size)
        pieces = first_pieces(self.data)
        length = pieces.row_length(size, layout == "packed")
        return -(-len(pieces.rows(length, layout == "packed", np.random.default_rng(0))) // max(1, size // length))
