"""From interactions to what the model reads: ids for every feature, vocabularies, targets."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
from attrs import field, frozen

from recframe.data.encode import encode_features
from recframe.data.features import FeatureData, PooledFeature, StepFeature
from recframe.data.notes import evaluation_notes, feature_notes, float_notes, kept_notes, label_notes
from recframe.data.repeats import SeenItems, seen_items
from recframe.data.splits import TEST, TRAIN, Split, split_events
from recframe.data.vocabularies import Vocabularies
from recframe.errors import DataError, SpecError
from recframe.interactions.interactions import Interactions
from recframe.interactions.ordering import UNKNOWN, EqualTimes, Order
from recframe.plugin.catalogue import Catalogue
from recframe.plugin.registry import Registries
from recframe.runtime.encoding import text_of
from recframe.spec.experiment import ExperimentSpec


@frozen(eq=False)
class PreparedData:
    """Everything that training and evaluation gather from.

    Attributes:
        labels: int32 [events]; the label id of each event; 0 where the item is outside the vocabulary.
        label_items: int32 [labels]; row of the item table for each label id; -1 where there is none, as for id 0.
        label_counts: int64 [labels]; training events of each label.
        users: int32 [events]; the user of each event.
        history_length: The latest events of a history that are read.
        seen: Whether items that the user had are left out of what is recommended.
    """

    interactions: Interactions
    split: Split
    features: Mapping[str, FeatureData]
    labels: np.ndarray
    label_vocabulary: tuple[str, ...]
    label_items: np.ndarray
    label_counts: np.ndarray
    users: np.ndarray
    history_length: int
    seen: SeenItems
    notes: tuple[str, ...] = field(default=())

    def __repr__(self) -> str:
        features = ", ".join(self.features)
        return f"PreparedData({self.num_items:,} items to recommend, features {features}, of {self.interactions!r})"

    @property
    def num_labels(self) -> int:
        return len(self.label_vocabulary)

    @property
    def known(self) -> np.ndarray:
        """bool [labels]: the ids that stand for an item."""
        known: np.ndarray = self.label_items >= 0
        return known

    @property
    def num_items(self) -> int:
        return int(np.count_nonzero(self.known))

    @property
    def all_notes(self) -> tuple[str, ...]:
        """The lines for the user on the data, its order, its split and its ids."""
        return (*self.interactions.notes, *self.order.notes(), *self.split.notes, *self.notes, *self.seen.notes())

    @property
    def exclude_seen(self) -> bool:
        """Whether items that the user had are left out of lists and figures."""
        return self.seen.excluded

    @property
    def order(self) -> Order:
        """How many events and test targets have equal times, and what their order is."""
        data = self.interactions
        equal_times = data.equal_times or EqualTimes.of(self.users, data.timestamp, UNKNOWN, seed=0)
        return Order.of(equal_times, data.num_users, self.targets(TEST), data.timed)

    @property
    def aligned(self) -> bool:
        """Whether every feature has the steps of the history, so that positions can be trained on."""
        kinds = StepFeature | PooledFeature
        return all(isinstance(f, kinds) and f.length == self.history_length for f in self.features.values())

    @property
    def vocabularies(self) -> Vocabularies:
        """What a run keeps, so that a later one can go on from its ids."""
        return Vocabularies(self.label_vocabulary, self.features)

    def targets(self, part: int) -> np.ndarray:
        """int64 [targets]: the events that the part predicts, except those outside the vocabulary."""
        targets = self.split.targets(part, self.interactions.offsets)
        known: np.ndarray = targets[self.labels[targets] > 0]
        return known

    def catalogue(self) -> Catalogue:
        """What the bundle must know of this data."""
        rows, items = self.label_items, self.interactions.items
        shown = {
            name: [values[row] if row >= 0 else None for row in rows] for name, values in items.items() if name != "id"
        }
        return Catalogue(
            self.features,
            self.label_vocabulary,
            self.known,
            shown,
            self.sha256(),
            counts=self.label_counts,
            exclude_seen=self.exclude_seen,
            order=self.order.summary,
        )

    def sha256(self) -> str:
        """Of the events, in label ids, with their times and parts, and of the label vocabulary."""
        digest = hashlib.sha256()
        for array in (self.interactions.offsets, self.labels, self.interactions.timestamp, self.split.parts):
            digest.update(np.ascontiguousarray(array).tobytes())
        digest.update("\n".join(self.label_vocabulary).encode())
        return digest.hexdigest()


def prepare(
    spec: ExperimentSpec, registries: Registries, interactions: Interactions, old: Vocabularies | None = None
) -> PreparedData:
    """Split the events and give ids to every feature, counting training events only.

    Args:
        old: Ids that are kept, new ones coming after them; None: those of `dataset.vocabulary_from`, if any.
    """
    if "title" in interactions.lists:
        raise DataError(
            "the items' column `title` holds lists, and it is what people are shown, one text an item: leave it out of "
            "dataset.lists, or name the column that people are shown with dataset.columns.title"
        )
    lengths = [feature.length or 0 for group in spec.groups.values() for feature in group.features.values()]
    split = split_events(interactions, spec.split, spec.seed, window=max(spec.model.history_length, *lengths))
    in_training = split.parts == TRAIN
    counts = np.bincount(interactions.item[in_training], minlength=interactions.num_items)
    raw, size = interactions.items["id"], spec.label.vocab_size
    rows, vocabulary = _label_ids(raw, counts, size, old.labels if old else ("",))
    ids = np.zeros(len(counts), np.int32)
    present = np.flatnonzero(rows >= 0)
    ids[rows[present]] = present
    features = encode_features(spec, registries, interactions, in_training, old, vocabulary)
    labels = ids[interactions.item]
    return PreparedData(
        interactions=interactions,
        split=split,
        features=features,
        labels=labels,
        label_vocabulary=vocabulary,
        label_items=rows,
        label_counts=np.where(rows >= 0, counts[rows], 0),
        users=interactions.user_of_event(),
        history_length=spec.model.history_length,
        seen=seen_items(spec.exclude_seen, interactions, split, labels),
        notes=(
            *label_notes(size, labels, rows >= 0),
            *evaluation_notes(split, interactions.offsets, labels),
            *feature_notes(features, interactions),
            *float_notes(features, interactions),
            *(kept_notes(old, vocabulary, rows >= 0, features) if old else ()),
        ),
    )


def _label_ids(
    raw: np.ndarray, counts: np.ndarray, size: int | None, old: tuple[str, ...]
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Item of each label id, int32 [labels], -1 where there is none; the vocabulary, which begins with the old one."""
    if size is None:
        texts = [text_of(value) for value in raw]
        places = {text: row for row, text in enumerate(texts)} if len(old) > 1 else {}
        before = np.array([-1, *(places.get(text, -1) for text in old[1:])], np.int32)
        # As categories do: by falling count. The item feature has the same ids, so tables can be shared.
        order = np.lexsort((np.arange(len(counts)), -counts))
        new = order[~np.isin(order, before)]
        return np.concatenate([before, new]).astype(np.int32), (*old, *(texts[row] for row in new))
    if raw.dtype.kind not in "iu":
        raise DataError(f"label.vocab_size: item ids that stand for themselves must be integers, got {raw.dtype}")
    rows = np.full(size, -1, np.int32)
    inside = np.flatnonzero((raw > 0) & (raw < size))
    rows[raw[inside]] = inside
    vocabulary = ("", *map(str, range(1, size)))
    if vocabulary[: len(old)] != old:
        raise SpecError(
            f"label.vocab_size: with {size}, item ids stand for themselves, and those of dataset.vocabulary_from do "
            "not; leave one of the two out"
        )
    return rows, vocabulary
