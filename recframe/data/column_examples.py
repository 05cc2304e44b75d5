"""Examples that are gathered already, in columns."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

import numpy as np
from attrs import frozen

from recframe.data.sequences import Batch, Layout, filled_up


@frozen(eq=False)
class ColumnExamples:
    """Batches of rows of columns, as training and evaluation take them: `recframe.data.sequences.Examples`.

    The last batch of a pass is filled up with rows of weight 0, and so weighs an example without a label.

    Attributes:
        columns: int32 or float32 [examples, length] by feature.
        labels: int32 [examples]; 0 is unknown.
        num_labels: Number of label ids.
        shuffle: Whether each pass has an order of its own.
        max_steps: Batches in a pass, at most; None: all.
    """

    columns: Mapping[str, np.ndarray]
    labels: np.ndarray
    num_labels: int
    shuffle: bool = False
    max_steps: int | None = None

    @property
    def label_counts(self) -> np.ndarray:
        return np.bincount(self.labels, minlength=self.num_labels)

    def batches(self, size: int, layout: Layout, rng: np.random.Generator) -> Iterator[Batch]:
        order = rng.permutation(len(self.labels)) if self.shuffle else np.arange(len(self.labels))
        for at in itertools.islice(range(0, len(order), size), self.max_steps):
            rows, weights = filled_up(order[at : at + size], size)
            weights *= self.labels[rows] > 0
            yield Batch({name: values[rows] for name, values in self.columns.items()}, self.labels[rows], weights)

    def steps(self, size: int, layout: Layout) -> int:
        whole = -(-len(self.labels) // size)
        return whole if self.max_steps is None else min(whole, self.max_steps)
