"""What the model and the bundle must know of the data: the inputs, and the items that can be recommended."""

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
        vocabulary: Text of each id, the first for padding and unknown; None for numbers.
        length: Values that the model reads.
        flattened: Whether a step may have several values, which then stand one after another.
        values: Values of a step, where it has several side by side; None where it has one.
        statistics: How values become numbers or ids, beside the vocabulary: see `recframe.runtime.encoding`.
        of_event: Whether the values belong to events, so that an item does not determine them.
    """

    spec: FeatureSpec
    dtype: str
    vocabulary: tuple[str, ...] | None
    length: int
    flattened: bool = False
    values: int | None = None
    statistics: Mapping[str, float | Sequence[float]] = field(factory=dict)
    of_event: bool = field(default=False, kw_only=True)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one history's input: (length,), or (length, values)."""
        return (self.length,) if self.values is None else (self.length, self.values)

    @property
    def size(self) -> int:
        """How many ids there are; 0 for numbers."""
        return len(self.vocabulary) if self.vocabulary else 0


@frozen(eq=False)
class Catalogue:
    """Inputs by name, and items by label id.

    Attributes:
        labels: Raw id of each label id; id 0 stands for padding and unknown.
        known: bool [labels]; ids without an item are never recommended.
        shown: Columns for people, such as titles, one value a label id.
        sha256: Of the data that the model is made from.
        counts: int64 [labels]; training events of each label.
        exclude_seen: Whether items that the user had are never recommended.
        order: How many events of a user have equal times and what orders these; None where there are no events.
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
        """The features whose ids are label ids: what the user had."""
        return [
            name
            for name, feature in self.features.items()
            if feature.spec.source == "item" and feature.vocabulary == self.labels
        ]
