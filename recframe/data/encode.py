"""From the sources that features name to the ids and numbers that the model reads."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from recframe.data.features import EventLists, FeatureData, FlatFeature, PooledFeature, StepFeature, UserFeature
from recframe.data.id_continuity import keeping_ids
from recframe.data.vocabularies import Vocabularies
from recframe.errors import DataError
from recframe.errors.nearest import suggestion
from recframe.interactions.chunks import look_up, occurrences
from recframe.interactions.interactions import Column, Interactions
from recframe.plugin.registry import Registries
from recframe.plugin.types import EncodedFeature, FeatureType, FeatureValues
from recframe.spec.experiment import ExperimentSpec, FeatureSpec


def encode_features(
    spec: ExperimentSpec,
    registries: Registries,
    interactions: Interactions,
    in_training: np.ndarray,
    old: Vocabularies | None = None,
    labels: Sequence[str] = (),
) -> dict[str, FeatureData]:
    """Each feature of the spec, encoded.

    Args:
        in_training: bool [events]; what is counted for vocabularies and statistics.
        old: Ids and statistics that are kept; then `labels` is the label vocabulary.

    Raises:
        DataError: where a source is missing or its values do not fit the type, with the feature's key and its source.
    """
    features: dict[str, FeatureData] = {}
    for owner, group in spec.groups.items():
        for name, feature in group.features.items():
            kind = registries.features[feature.type]
            if old is not None:
                kind = keeping_ids(kind, feature, old.features.get(name), labels)
            try:
                if group.scope == "user":
                    features[name] = _user_feature(feature, kind, interactions, in_training, feature.length or 1)
                else:
                    length = feature.length or spec.model.history_length
                    features[name] = _history_feature(feature, kind, interactions, in_training, length)
            except DataError as error:
                raise DataError(f"groups.{owner}.features.{name} (source {feature.source!r}): {error}") from None
    return features


def _history_feature(
    spec: FeatureSpec, kind: FeatureType, interactions: Interactions, in_training: np.ndarray, length: int
) -> FeatureData:
    if spec.source in interactions.lists:
        if not kind.several and spec.length is None:
            raise DataError(
                f"the items have lists there, and `{spec.type}` reads one value a step; declare the feature as "
                "`strings`, or give it a `length` to read the values of all steps one after another"
            )
        return _list_feature(spec, kind, interactions, in_training, length)
    column = interactions.column(spec.source)
    if kind.several:
        raise DataError(f"`{spec.type}` reads lists, and there is one value a step; declare the feature as `string`")
    counts = occurrences(column.index, len(column.values), in_training)
    encoded = _encode(spec, kind, column.values, counts, distinct=spec.source == "item")
    padded = look_up(encoded.codes, column.index, padding=1)
    dtype = encoded.codes.dtype.name
    return StepFeature(
        spec,
        dtype,
        encoded.vocabulary,
        length,
        statistics=encoded.statistics,
        of_event=spec.source in interactions.events,
        codes=padded,
    )


def _list_feature(
    spec: FeatureSpec, kind: FeatureType, interactions: Interactions, in_training: np.ndarray, length: int
) -> FeatureData:
    """Lists of the items: side by side for a type that pools them, else one after another."""
    lists = interactions.items[spec.source]
    sizes = np.array([len(values) for values in lists], np.int64)
    flat = np.array([value for values in lists for value in values])
    if not len(flat):
        raise DataError("no item has a value")
    events = occurrences(interactions.item, len(lists), in_training)
    encoded = _encode(spec, kind, flat, np.repeat(events, sizes), distinct=False)
    codes, dtype = encoded.codes, encoded.codes.dtype.name
    if not kind.several:
        return FlatFeature(
            spec,
            dtype,
            encoded.vocabulary,
            length,
            flattened=True,
            statistics=encoded.statistics,
            lists=EventLists.of(codes, sizes, interactions.item),
        )
    width = int(min(getattr(spec.options, "values", None) or sizes.max(), sizes.max()))
    table = np.zeros((len(lists) + 1, width), codes.dtype)
    item = np.repeat(np.arange(len(lists)), sizes)
    place = np.arange(len(flat)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    read = place < width
    table[item[read], place[read]] = codes[read]
    # One item more, with no values: what padding events refer to.
    items = np.append(interactions.item, np.int32(len(lists)))
    return PooledFeature(
        spec, dtype, encoded.vocabulary, length, values=width, statistics=encoded.statistics, codes=table, items=items
    )


def _user_feature(
    spec: FeatureSpec, kind: FeatureType, interactions: Interactions, in_training: np.ndarray, length: int
) -> FeatureData:
    if spec.source not in interactions.users:
        near, have = suggestion(spec.source, interactions.users), ", ".join(interactions.users) or "none"
        raise DataError(f"no user column {spec.source!r} in this dataset{near}; it has {have}")
    if kind.several or interactions.users[spec.source].dtype == object:
        raise DataError("of a user one value is read, and no list; declare the feature as `string`, of a plain column")
    column = Column(interactions.users[spec.source], np.arange(interactions.num_users))
    counts = np.zeros(interactions.num_users, np.int64)
    counts[np.unique(interactions.user_of_event()[in_training])] = 1
    encoded = _encode(spec, kind, column.values, counts, distinct=False)
    codes, statistics = encoded.codes, encoded.statistics
    return UserFeature(spec, codes.dtype.name, encoded.vocabulary, length, statistics=statistics, codes=codes)


def _encode(
    spec: FeatureSpec, kind: FeatureType, values: np.ndarray, counts: np.ndarray, distinct: bool
) -> EncodedFeature:
    """The values, of which some may be equal, encoded."""
    if distinct:
        return kind.encode(spec.options, FeatureValues(values, counts))
    once, inverse = np.unique(values, return_inverse=True)
    summed = np.bincount(inverse, weights=counts, minlength=len(once)).astype(np.int64)
    encoded = kind.encode(spec.options, FeatureValues(once, summed))
    return attrs.evolve(encoded, codes=encoded.codes[inverse])
