"""Examples in memory."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from attrs import evolve, field, frozen

from recframe.interactions.interactions import Interactions
from recframe.interactions.ordering import HASH

if TYPE_CHECKING:
    import tensorflow as tf

logger = logging.getLogger("recframe.recommendation")


@frozen(eq=False)
class ExampleColumns:
    """Columns of examples.

    Attributes:
        columns: int32 or float32 [examples, feature_length] by input feature.
        labels: int32 [examples]; 0 is unknown.
        label_name: The name of the label feature.
        vocabularies: The lines of the vocabulary file of each feature that has one, the label too; an id is a place.
    """

    columns: Mapping[str, np.ndarray]
    labels: np.ndarray
    label_name: str
    vocabularies: Mapping[str, tuple[str, ...]] = field(factory=dict)

    @classmethod
    def of_dataset(cls, dataset: tf.data.Dataset) -> ExampleColumns:
        """Of a dataset of single (features, label) examples, its label among the features."""
        features: dict[str, list[np.ndarray]] = {}
        labels: list[np.ndarray] = [np.zeros(0, np.int32)]
        for batch, label in dataset.batch(4096).as_numpy_iterator():
            for name, values in batch.items():
                features.setdefault(name, []).append(values.reshape(len(values), -1))
            labels.append(np.asarray(label, np.int32).reshape(len(label), -1)[:, 0])
        types = {"i": np.int32, "u": np.int32, "f": np.float32}
        stacked = {name: np.concatenate(parts) for name, parts in features.items()}
        columns = {name: values.astype(types.get(values.dtype.kind, values.dtype)) for name, values in stacked.items()}
        return cls(columns, np.concatenate(labels), "")

    def take(self, rows: np.ndarray | slice) -> ExampleColumns:
        """Some of the examples."""
        columns = {name: values[rows] for name, values in self.columns.items()}
        return evolve(self, columns=columns, labels=self.labels[rows])


def say_drawn_order(interactions: Interactions) -> None:
    """A word in the log where the order of equal times had to be drawn."""
    equal = interactions.equal_times
    if equal is not None and equal.rule == HASH:
        logger.warning(
            "%d of %d events have the time of the user's event before, and the rows do not tell their order: it is "
            "drawn by seed %d",
            *(int(np.count_nonzero(equal.as_before)), interactions.num_events, equal.seed),
        )
