"""A loader's examples, as training and evaluation take their batches."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from attrs import frozen

from recframe.data.sequences import Batch, filled_up
from recframe.recommendation.loader import Loader


@frozen(eq=False)
class LoaderExamples:
    """Batches of a loader's examples, which are `recframe.data.sequences.Examples`.

    The last batch of a pass is filled up with rows of weight 0, and so weighs an example without a label.

    Attributes:
        num_labels: Number of label ids.
        shuffle: Whether each pass has an order of its own.
        max_steps: Batches in a pass, at most; None: all.
    """

    loader: Loader
    num_labels: int
    shuffle: bool = False
    max_steps: int | None = None

    @property
    def label_counts(self) -> np.ndarray:
        return np.bincount(self.loader.labels, minlength=self.num_labels)

    def batches(self, size: int, positions: bool, rng: np.random.Generator) -> Iterator[Batch]:
        columns, labels = self.loader.columns, self.loader.labels
        order = rng.permutation(len(labels)) if self.shuffle else np.arange(len(labels))
        for at in itertools.islice(range(0, len(order), size), self.max_steps):
            rows, weights = filled_up(order[at : at + size], size)
            weights *= labels[rows] > 0
            yield Batch({name: values[rows] for name, values in columns.items()}, labels[rows], weights)

    def steps(self, size: int, positions: bool) -> int:
        whole = -(-self.loader.size // size)
        return whole if self.max_steps is None else min(whole, self.max_steps)
