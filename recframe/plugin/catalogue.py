"""What the model and the bundle need to know about the data: the inputs, and the items that can be recommended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import field, frozen

from recframe.spec.experiment import FeatureSpec


@frozen(eq=False)
class FeatureInfo:
    """An input of the model.

    Attributes:
        dtype: int32 or float32.
        vocabulary: The text of each id; id 0 is padding and unknown. None for numbers.
        length: Values that the model reads.
        flattened: Whether a step may have several values, which are then written one after another.
        values: How many values a step has, if a layer reads them as a further dimension; None if a step has one value.
        statistics: What the encoding of a value needs beside the vocabulary: see `recframe.runtime.encoding`.
        of_event: Whether the values belong to events. The item alone does not determine them.
        default: The raw value that an app gives a feature of the moment of asking where it cannot compute one; None
            for other features, and where the clock always tells the value.
    """

    spec: FeatureSpec
    dtype: str
    vocabulary: tuple[str, ...] | None
    length: int
    flattened: bool = False
    values: int | None = None
    statistics: Mapping[str, float | Sequence[float]] = field(factory=dict)
    of_event: bool = field(default=False, kw_only=True)
    default: float | None = field(default=None, kw_only=True)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the input of one history: (length,), or (length, values)."""
        return (self.length,) if self.values is None else (self.length, self.values)

    @property
    def size(self) -> int:
        """The number of ids; 0 for numbers."""
        return len(self.vocabulary) if self.vocabulary else 0


@frozen(eq=False)
class Catalogue:
    """The inputs by name, and the items by label id.

    Attributes:
        labels: The raw id of each label id. Label id 0 is padding and unknown.
        known: bool [labels]; whether a label id has an item. Only these are recommended.
        shown: Columns to display, such as titles: for each column one value for each label id.
        sha256: Digest of the data that the model was trained on.
        counts: int64 [labels]; the number of training events of each label.
        exclude_seen: Whether items that the user had are left out of recommendations.
        order: How many events of a user have equal times, and what orders them; None if there are no events.
    """

    features: Mapping[str, FeatureInfo]
    labels: tuple[str, ...]
    known: np.ndarray
    shown: Mapping[str, Sequence[Any]]
    sha256: str
    counts: np.ndarray
    exclude_seen: bool
    order: Mapping[str, Any] | None = None

    @property
    def item_features(self) -> list[str]:
        """The features whose ids are label ids: they hold the items that the user had."""
        return [
            name
            for name, feature in self.features.items()
            if feature.spec.source == "item" and feature.vocabulary == self.labels
        ]
