"""Examples in memory, and the windows over events that they are made of."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from attrs import evolve, field, frozen

from recframe.data.windows import Windows
from recframe.errors import DataError
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
        label_name: The label feature; empty if `columns` holds the label too.
        vocabularies: The lines of each feature's vocabulary file; the number of a line, from 0, is the id.
    """

    columns: Mapping[str, np.ndarray]
    labels: np.ndarray
    label_name: str = ""
    vocabularies: Mapping[str, tuple[str, ...]] = field(factory=dict)

    @classmethod
    def of_dataset(cls, dataset: tf.data.Dataset) -> ExampleColumns:
        """The examples of a dataset of single (features, label), which is read to its end."""
        types = {"i": np.int32, "u": np.int32, "f": np.float32}
        parts: dict[str, list[np.ndarray]] = {}
        labels = [np.zeros(0, np.int32)]
        for features, label in dataset.batch(4096).as_numpy_iterator():
            labels.append(np.asarray(label, np.int32).reshape(len(label), -1)[:, 0])
            for name, values in features.items():
                values = values.reshape(len(values), -1).astype(types.get(values.dtype.kind, values.dtype))
                parts.setdefault(name, []).append(values)
        return cls({name: np.concatenate(arrays) for name, arrays in parts.items()}, np.concatenate(labels))

    def take(self, rows: np.ndarray | slice) -> ExampleColumns:
        columns = {name: values[rows] for name, values in self.columns.items()}
        return evolve(self, columns=columns, labels=self.labels[rows])


def windows_of(interactions: Interactions, min_length: int, where: str = "") -> Windows:
    """A window for each event except a user's first, of users with at least `min_length` events.

    A random order of equal times is logged. If no user has so many events, DataError is raised; it begins with `where`.
    """
    equal = interactions.equal_times
    if equal is not None and equal.rule == HASH:
        logger.warning(
            "%d of %d events have the same time as the user's previous event, and the rows do not show their order: "
            "seed %d draws it",
            *(int(np.count_nonzero(equal.as_before)), interactions.num_events, equal.seed),
        )
    windows = Windows.of(interactions, min_length)
    if len(windows) == 0:
        raise DataError(f"{where}no user has {max(2, min_length)} events; lower min_timeline_length")
    return windows
