"""Examples whose features are already arrays, one row per example."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

import numpy as np
from attrs import frozen

from recframe.data.sequences import Batch, Layout, pad_rows


@frozen(eq=False)
class ColumnExamples:
    """Batches from arrays, for training and evaluation. Implements `recframe.data.sequences.Examples`.

    The last batch of an epoch is padded with rows of weight 0. An example whose label is 0 also has weight 0.

    Attributes:
        columns: int32 or float32 [examples, length] for each feature.
        labels: int32 [examples]; 0 is unknown.
        num_labels: Number of label ids.
        shuffle: Whether each epoch has its own random order.
        max_steps: The largest number of batches in an epoch; None for no limit.
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
            rows, weights = pad_rows(order[at : at + size], size)
            weights *= self.labels[rows] > 0
            yield Batch({name: values[rows] for name, values in self.columns.items()}, self.labels[rows], weights)

    def steps(self, size: int, layout: Layout) -> int:
        whole = -(-len(self.labels) // size)
        return whole if self.max_steps is None else min(whole, self.max_steps)
