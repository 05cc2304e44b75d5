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
        features: dict[str, list[np.ndarray]] = {}
        labels = [np.zeros(0, np.int32)]
        for batch, label in dataset.batch(4096).as_numpy_iterator():
            for name, values in batch.items():
                features.setdefault(name, []).append(values.reshape(len(values), -1))
            labels.append(np.asarray(label, np.int32).reshape(len(label), -1)[:, 0])
        types = {"i": np.int32, "u": np.int32, "f": np.float32}
        stacked = {name: np.concatenate(parts) for name, parts in features.items()}
        columns = {name: values.astype(types.get(values.dtype.kind, values.dtype)) for name, values in stacked.items()}
        return cls(columns, np.concatenate(labels))

    def take(self, rows: np.ndarray | slice) -> ExampleColumns:
        columns = {name: values[rows] for name, values in self.columns.items()}
        return evolve(self, columns=columns, labels=self.labels[rows])


def windows_of(interactions: Interactions, min_length: int, where: str = "", further_hint: str = "") -> Windows:
    """A window for each event except a user's first. A random order of equal times is logged.

    Args:
        min_length: Users with fewer events are left out.
        where, further_hint: For the message: whose events they are, and what else may be lowered.

    Raises:
        DataError: No user has so many events.
    """
    equal = interactions.equal_times
    if equal is not None and equal.rule == HASH:
        logger.warning(
            "%d of %d events have the time of the user's event before, and the rows do not tell their order: it is "
            "drawn by seed %d",
            *(int(np.count_nonzero(equal.as_before)), interactions.num_events, equal.seed),
        )
    windows = Windows.of(interactions, min_length)
    if len(windows) == 0:
        hint = f"lower min_timeline_length{further_hint}"
        raise DataError(f"{where}no user has {max(2, min_length)} events; {hint}")
    return windows
