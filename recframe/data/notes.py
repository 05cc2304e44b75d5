"""Notes for the user: values outside a vocabulary, ids without an item, events that are not evaluated, kept ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from recframe.data.features import FeatureData, FlatFeature, NowFeature, PooledFeature, UserFeature
from recframe.data.id_continuity import can_keep_ids
from recframe.data.split_types import PART_NAMES
from recframe.data.splits import TRAIN, Split
from recframe.data.vocabularies import Vocabularies, without_hash_buckets
from recframe.interactions.interactions import Interactions
from recframe.runtime.encoding import text_of

_SHOWN = 3


def feature_notes(features: Mapping[str, FeatureData], interactions: Interactions) -> Iterator[str]:
    """For each feature whose vocabulary the user set or limited: the values that it does not contain."""
    for name, feature in features.items():
        options = feature.spec.options
        is_declared = any(getattr(options, option, None) is not None for option in ("vocab_name", "vocab_size"))
        limit = getattr(options, "max_vocabulary", None)
        if not is_declared and limit is None:
            continue
        zero = (feature.vocabulary or ("",))[0]
        # A missing value is unknown on purpose, also if the vocabulary has its own text for it.
        missing = [text for text in map(text_of, _unknown(feature, interactions)) if text not in ("", zero)]
        if missing:
            more = f" and {len(missing) - _SHOWN:,} more" if len(missing) > _SHOWN else ""
            why = (
                "are not in its vocabulary" if is_declared else f"exceed max_vocabulary={limit} or are not in training"
            )
            yield f"feature {name!r}: values that {why} count as unknown: {', '.join(missing[:_SHOWN])}{more}"


def float_category_notes(features: Mapping[str, FeatureData], interactions: Interactions) -> Iterator[str]:
    """The features that read floating-point numbers as categories. How the source wrote the numbers is not known."""
    for name, feature in features.items():
        source = feature.spec.source
        if feature.vocabulary is None or "edges" in feature.statistics or source in interactions.lists:
            continue
        if isinstance(feature, NowFeature):  # whole numbers
            continue
        values = interactions.users[source] if isinstance(feature, UserFeature) else interactions.column(source).values
        if values.dtype.kind == "f" and len(values):
            broken = values[values != np.floor(values)]
            example = text_of(broken[0] if len(broken) else values[0])
            yield (
                f"feature {name!r}: each number of {source!r} is a category, such as {example!r}. As numbers, 1.10 and "
                "1.1 are equal; store the values as text if they are different categories"
            )


def _unknown(feature: FeatureData, interactions: Interactions) -> np.ndarray:
    """The distinct raw values whose id is 0."""
    source, codes = feature.spec.source, feature.codes
    if isinstance(feature, FlatFeature):
        flat = [value for values in interactions.items[source] for value in values]
        return np.unique(np.array(flat)[codes == 0])
    if isinstance(feature, PooledFeature) and source not in interactions.lists:
        column, empty = interactions.column(source), ~np.any(codes[:-1], axis=1)
        return np.unique(column.values[np.unique(column.index[np.take(empty, column.index)])])
    if isinstance(feature, PooledFeature):
        # The codes have one row more, padding, and their rows may be longer or shorter than the list.
        rows = zip(interactions.items[source], codes, strict=False)
        pairs = [pair for values, row in rows for pair in zip(values, row, strict=False)]
        return np.unique([value for value, code in pairs if code == 0])
    if isinstance(feature, UserFeature):
        return np.unique(interactions.users[source][codes == 0])
    column = interactions.time_column(source) if isinstance(feature, NowFeature) else interactions.column(source)
    return np.unique(column.values[np.unique(column.index[codes[:-1] == 0])])


def label_notes(size: int | None, outside: int, events: int, known: np.ndarray) -> Iterator[str]:
    """Notes on label.vocab_size: events whose item it excludes, and ids without an item.

    Args:
        outside: The number of the dataset's events whose item's id is not in the vocabulary.
        events: The number of the dataset's events.
        known: bool [labels]; which ids have an item.
    """
    if outside:
        yield (
            f"{outside:,} of {events:,} events have an item id below 1 or not below label.vocab_size={size}: these "
            "events are left out"
        )
    items = int(np.count_nonzero(known))
    if size is not None and 2 * items < size:
        yield (
            f"label.vocab_size={size}: only {items:,} of these ids are items of the data; the others are never "
            "recommended, but they make training slower and the model larger"
        )


def evaluation_notes(split: Split, offsets: np.ndarray) -> Iterator[str]:
    """The validation and test events that are not targets, and the reason.

    Args:
        offsets: int64 [users + 1]; the first event of each user, and the end.
    """
    for part, name in PART_NAMES:
        if part == TRAIN:
            continue
        events = int(np.count_nonzero(split.parts == part))
        if missing := events - len(split.targets(part, offsets)):
            yield f"{missing:,} of {events:,} {name} events are not evaluated: the user has no earlier event"


def id_continuity_notes(
    old: Vocabularies, labels: tuple[str, ...], known: np.ndarray, features: Mapping[str, FeatureData]
) -> Iterator[str]:
    """How many ids of an earlier run are kept, how many are new, and which features keep nothing.

    Args:
        labels: The label vocabulary, which begins with the old one.
        known: bool [labels]; which ids have an item.
    """
    before = len(old.labels)
    gone = int(np.count_nonzero(~known[1:before]))
    without = f" ({gone:,} of them have no item now)" if gone else ""
    yield f"item ids: {before - 1:,} kept{without}, {len(labels) - before:,} appended"
    for name, feature in features.items():
        earlier = old.features.get(name)
        if feature.vocabulary == labels:
            continue
        if earlier is None or not can_keep_ids(feature.spec, feature, earlier):
            why = "had no such feature" if earlier is None else "declared it differently"
            yield f"feature {name!r}: the earlier run {why}; none of its ids are kept"
        elif feature.vocabulary is not None:
            kept = len(without_hash_buckets(earlier))
            yield f"feature {name!r}: {kept - 1:,} ids kept, {len(without_hash_buckets(feature)) - kept:,} appended"
