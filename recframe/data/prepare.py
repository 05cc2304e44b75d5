"""From interactions to what the model reads: an id per feature and event, vocabularies, targets."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import frozen

from recframe.contributions import FeatureType, FeatureValues
from recframe.data.interactions import Interactions
from recframe.data.splits import TRAIN, Split, split_events
from recframe.errors import DataError
from recframe.registry import Registries
from recframe.specs import ExperimentSpec, FeatureSpec


@frozen(eq=False)
class FeatureData:
    """One feature, ready for gathering.

    Attributes:
        codes: int32 or float32 [events + 1]; the last entry is padding, 0.
        vocabulary: Text of each id; None for numbers.
    """

    spec: FeatureSpec
    codes: np.ndarray
    vocabulary: tuple[str, ...] | None

    @property
    def size(self) -> int:
        return len(self.vocabulary) if self.vocabulary else 0


@frozen(eq=False)
class PreparedData:
    """Everything that training and evaluation gather from.

    Attributes:
        labels: int32 [events]; the label id of each event; 0 where the item is outside the vocabulary.
        label_items: int32 [labels]; row of the item table for each label id; -1 for id 0.
        label_counts: int64 [labels]; training events of each label.
    """

    interactions: Interactions
    split: Split
    features: Mapping[str, FeatureData]
    labels: np.ndarray
    label_vocabulary: tuple[str, ...]
    label_items: np.ndarray
    label_counts: np.ndarray
    users: np.ndarray

    @property
    def num_labels(self) -> int:
        return len(self.label_vocabulary)

    def targets(self, part: int) -> np.ndarray:
        """int64 [targets]: the events that the part predicts, but for those outside the vocabulary."""
        targets = self.split.targets(part, self.interactions.offsets)
        known: np.ndarray = targets[self.labels[targets] > 0]
        return known


def prepare(spec: ExperimentSpec, registries: Registries, interactions: Interactions) -> PreparedData:
    """Split the events and give ids to every feature, counting training events only."""
    split = split_events(interactions, spec.split, spec.seed)
    in_training = split.parts == TRAIN
    features: dict[str, FeatureData] = {}
    for name, feature in ((name, f) for group in spec.groups.values() for name, f in group.features.items()):
        try:
            features[name] = _encode(feature, registries.features[feature.type], interactions, in_training)
        except DataError as error:
            raise DataError(f"feature {name!r} (source {feature.source!r}): {error}") from None
    counts = np.bincount(interactions.item[in_training], minlength=interactions.num_items)
    # Labels get ids as categories do: by falling count. The item feature has the same ids, so tables can be shared.
    order = np.lexsort((np.arange(len(counts)), -counts))
    ids = np.empty(len(counts), np.int32)
    ids[order] = np.arange(1, len(counts) + 1, dtype=np.int32)
    raw = interactions.items["id"]
    return PreparedData(
        interactions=interactions,
        split=split,
        features=features,
        labels=ids[interactions.item],
        label_vocabulary=("", *(str(value) for value in raw[order])),
        label_items=np.concatenate([[-1], order]).astype(np.int32),
        label_counts=np.concatenate([[0], counts[order]]),
        users=interactions.user_of_event(),
    )


def _encode(spec: FeatureSpec, kind: FeatureType, interactions: Interactions, in_training: np.ndarray) -> FeatureData:
    column = interactions.column(spec.source)
    counts = np.bincount(column.index[in_training], minlength=len(column.values))
    distinct, inverse = column.values, None
    if spec.source != "item":
        distinct, inverse = np.unique(column.values, return_inverse=True)
        counts = np.bincount(inverse, weights=counts, minlength=len(distinct)).astype(np.int64)
    encoded = kind.encode(spec.options, FeatureValues(distinct, counts))
    codes = encoded.codes if inverse is None else encoded.codes[inverse]
    padded = np.concatenate([codes[column.index], np.zeros(1, codes.dtype)])
    return FeatureData(spec, padded, encoded.vocabulary)
