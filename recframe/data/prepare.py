"""Turns interactions into what the model reads: ids of every feature, vocabularies, and targets."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
from attrs import field, frozen

from recframe.data.encode import encode_features
from recframe.data.features import FeatureData, NowFeature, PooledFeature, StepFeature
from recframe.data.notes import evaluation_notes, feature_notes, float_category_notes, id_continuity_notes, label_notes
from recframe.data.repeats import SeenItems, seen_items
from recframe.data.splits import TEST, TRAIN, Split, split_events
from recframe.data.vocabularies import Vocabularies
from recframe.errors import DataError, SpecError
from recframe.interactions.chunks import look_up, occurrences
from recframe.interactions.interactions import Interactions
from recframe.interactions.ordering import UNKNOWN, EqualTimes, Order
from recframe.plugin.catalogue import Catalogue
from recframe.plugin.registry import Registries
from recframe.runtime.encoding import text_of
from recframe.spec.experiment import ExperimentSpec


@frozen(eq=False)
class PreparedData:
    """The data that training and evaluation gather their batches from.

    Attributes:
        labels: int32 [events]; the label id of each event.
        label_items: int32 [labels]; the row in the item table of each label id; -1 for ids without an item, such as 0.
        label_counts: int64 [labels]; the number of training events of each label.
        users: int32 [events]; the user of each event.
        history_length: How many of the latest events of a history are read.
        training_length: The same in training on positions.
        seen: Whether items that the user already had are excluded from recommendations.
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
    training_length: int
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
        """bool [labels]: which ids have an item."""
        known: np.ndarray = self.label_items >= 0
        return known

    @property
    def num_items(self) -> int:
        return int(np.count_nonzero(self.known))

    @property
    def all_notes(self) -> tuple[str, ...]:
        """Notes for the user on the data, its order, its split and its ids."""
        return (*self.interactions.notes, *self.order.notes(), *self.split.notes, *self.notes, *self.seen.notes())

    @property
    def exclude_seen(self) -> bool:
        """Whether items that the user already had are excluded from recommendations and metrics."""
        return self.seen.excluded

    @property
    def order(self) -> Order:
        """How many events and test targets have equal times, and how they are ordered."""
        data = self.interactions
        equal_times = data.equal_times or EqualTimes.of(self.users, data.timestamp, UNKNOWN, seed=0)
        return Order.of(equal_times, data.num_users, self.targets(TEST), data.timed)

    @property
    def aligned(self) -> bool:
        """Whether every feature has one entry per step of the history, so that training can use positions."""
        kinds, of_steps = (
            StepFeature | PooledFeature,
            [f for f in self.features.values() if not isinstance(f, NowFeature)],
        )
        return all(isinstance(f, kinds) and f.length == self.history_length for f in of_steps)

    @property
    def vocabularies(self) -> Vocabularies:
        """The vocabularies that a run saves, so that a later run can keep its ids."""
        return Vocabularies(self.label_vocabulary, self.features)

    def targets(self, part: int) -> np.ndarray:
        """int64 [targets]: the events that the part predicts."""
        return np.flatnonzero(self.split.is_target(part, self.interactions.offsets))

    def catalogue(self) -> Catalogue:
        """What a bundle needs to know about this data."""
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
        """SHA-256 of the events (label ids, times, parts) and of the label vocabulary."""
        digest = hashlib.sha256()
        for array in (self.interactions.offsets, self.labels, self.interactions.timestamp, self.split.parts):
            digest.update(np.ascontiguousarray(array).tobytes())
        digest.update("\n".join(self.label_vocabulary).encode())
        return digest.hexdigest()


def prepare(
    spec: ExperimentSpec, registries: Registries, interactions: Interactions, old: Vocabularies | None = None
) -> PreparedData:
    """Split the events and encode every feature. Only training events are counted.

    Args:
        old: Vocabularies whose ids are kept; new ids follow them. None: all ids are new.

    Raises:
        DataError: The data does not fit the spec.
        SpecError: `label.vocab_size` leaves no event, or contradicts the old ids.
    """
    if "title" in interactions.lists:
        raise DataError(
            "the item column `title` holds lists, but an item needs one text as its title: remove `title` from "
            "dataset.lists, or name another column in dataset.columns.title"
        )
    size, read = spec.label.vocab_size, interactions.num_events
    if size is not None:
        interactions = _with_label_ids(interactions, size)
    lengths = [feature.length or 0 for group in spec.groups.values() for feature in group.features.values()]
    split = split_events(interactions, spec.split, spec.seed, window=max(spec.model.history_length, *lengths))
    in_training = split.parts == TRAIN
    counts = occurrences(interactions.item, interactions.num_items, in_training)
    rows, vocabulary = _label_ids(interactions.items["id"], counts, size, old.labels if old else ("",))
    ids = np.zeros(len(counts), np.int32)
    present = np.flatnonzero(rows >= 0)
    ids[rows[present]] = present
    features = encode_features(spec, registries, interactions, in_training, old, vocabulary)
    labels = look_up(ids, interactions.item)
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
        training_length=spec.train.history_length or spec.model.history_length,
        seen=seen_items(spec.exclude_seen, interactions, split),
        notes=(
            *label_notes(size, read - interactions.num_events, read, rows >= 0),
            *evaluation_notes(split, interactions.offsets),
            *feature_notes(features, interactions),
            *float_category_notes(features, interactions),
            *(id_continuity_notes(old, vocabulary, rows >= 0, features) if old else ()),
        ),
    )


def _with_label_ids(interactions: Interactions, size: int) -> Interactions:
    """The events whose item has a label id. An app can't name the other items, so no history holds them."""
    raw = interactions.items["id"]
    if raw.dtype.kind not in "iu":
        raise DataError(
            f"label.vocab_size: item ids are used as label ids, so they must be integers, but they are {raw.dtype}; "
            "remove label.vocab_size"
        )
    inside = look_up((raw > 0) & (raw < size), interactions.item)
    if not inside.any():
        raise SpecError(
            f"label.vocab_size: no event has an item id from 1 to {size - 1:,}, since the ids of the data go from "
            f"{raw.min():,} to {raw.max():,}; set it to {raw.max() + 1:,}, or remove it"
        )
    return interactions if inside.all() else interactions.only(inside)


def _label_ids(
    raw: np.ndarray, counts: np.ndarray, size: int | None, old: tuple[str, ...]
) -> tuple[np.ndarray, tuple[str, ...]]:
    """The item row of each label id, int32 [labels], -1 for none; and the vocabulary, which begins with the old one."""
    if size is None:
        texts = [text_of(value) for value in raw]
        places = {text: row for row, text in enumerate(texts)} if len(old) > 1 else {}
        before = np.array([-1, *(places.get(text, -1) for text in old[1:])], np.int32)
        # By falling count, as in categories. The item feature then has the same ids, so the model can share a table.
        order = np.lexsort((np.arange(len(counts)), -counts))
        new = order[~np.isin(order, before)]
        return np.concatenate([before, new]).astype(np.int32), (*old, *(texts[row] for row in new))
    rows = np.full(size, -1, np.int32)
    inside = np.flatnonzero((raw > 0) & (raw < size))
    rows[raw[inside]] = inside
    vocabulary = ("", *map(str, range(1, size)))
    if vocabulary[: len(old)] != old:
        raise SpecError(
            f"label.vocab_size: with {size}, item ids are used as label ids, but the run of dataset.vocabulary_from "
            "has other label ids; remove one of the two options"
        )
    return rows, vocabulary
