"""Encodes the columns that features name as the ids and numbers that the model reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np

from recframe.data.code_checks import require_readable
from recframe.data.features import (
    EventLists,
    FeatureData,
    FlatFeature,
    NowFeature,
    PooledFeature,
    StepFeature,
    UserFeature,
)
from recframe.data.id_continuity import keep_earlier_ids
from recframe.data.vocabularies import Vocabularies
from recframe.errors import DataError, PluginError
from recframe.errors.nearest import suggestion
from recframe.interactions.chunks import look_up, occurrences
from recframe.interactions.interactions import Column, Interactions
from recframe.plugin.origin import refusal
from recframe.plugin.registry import Registries
from recframe.plugin.types import EncodedFeature, FeatureType, FeatureValues
from recframe.runtime.encoding import TIME_SIZES, TIME_SOURCES
from recframe.spec.experiment import NOW, ExperimentSpec, FeatureSpec


def encode_features(
    spec: ExperimentSpec,
    registries: Registries,
    interactions: Interactions,
    in_training: np.ndarray,
    old: Vocabularies | None = None,
    labels: Sequence[str] = (),
) -> dict[str, FeatureData]:
    """Encode each feature of the spec.

    Args:
        in_training: bool [events]; vocabularies and statistics are made from these events.
        old: Ids and statistics of an earlier run that must stay as they are. `labels` must then be the label
            vocabulary.

    Raises:
        DataError: A source is missing, or its values do not fit the feature's type. The message names the feature and
            its source.
        PluginError: A plugin's feature type fails, or returns something that cannot be read.
    """
    features: dict[str, FeatureData] = {}
    for owner, group in spec.groups.items():
        for name, feature in group.features.items():
            kind = registries.features[feature.type]
            if old is not None:
                kind = keep_earlier_ids(kind, feature, old.features.get(name), labels)
            where = f"groups.{owner}.features.{name} (source {feature.source!r})"
            try:
                if group.scope == "user":
                    features[name] = _user_feature(feature, kind, interactions, in_training, feature.length or 1)
                elif group.scope == NOW:
                    features[name] = _now_feature(feature, kind, interactions, in_training)
                else:
                    length = feature.length or spec.model.history_length
                    features[name] = _history_feature(feature, kind, interactions, in_training, length)
            except DataError as error:
                raise DataError(f"{where}: {error}") from None
            except PluginError as error:
                raise PluginError(f"{where}: {error}") from error.__cause__
    return features


def _history_feature(
    spec: FeatureSpec, kind: FeatureType, interactions: Interactions, in_training: np.ndarray, length: int
) -> FeatureData:
    if spec.source in interactions.lists:
        if not kind.several and spec.length is None:
            raise DataError(
                f"this column holds lists, but `{spec.type}` reads one value per step; set the feature's type to "
                "`strings`, or set its `length` to read the values of all steps one after another"
            )
        return _list_feature(spec, kind, interactions, in_training, length)
    if spec.source in TIME_SOURCES and spec.source in interactions.sources:
        raise DataError(
            "the data has a column of this name, but an app computes this value from the time of each event; rename "
            "the column, or remove it so that training computes the value too"
        )
    column = interactions.column(spec.source)
    if kind.several:
        raise DataError(
            f"`{spec.type}` reads lists, but this column holds one value per step; set its type to `string`"
        )
    counts = occurrences(column.index, len(column.values), in_training)
    encoded = encode_values(kind, spec.options, column.values, counts, distinct=spec.source == "item")
    of_event = spec.source in interactions.events
    if encoded.codes.ndim == 2:
        return _side_by_side(spec, encoded, column.index, length, of_event)
    padded = look_up(encoded.codes, column.index, padding=1)
    dtype = encoded.codes.dtype.name
    return StepFeature(
        spec,
        dtype,
        encoded.vocabulary,
        length,
        statistics=encoded.statistics,
        of_event=of_event,
        codes=padded,
    )


def _side_by_side(
    spec: FeatureSpec, encoded: EncodedFeature, rows: np.ndarray, length: int, of_event: bool = False
) -> PooledFeature:
    """Several codes a step.

    Args:
        encoded: With codes [n, values].
        rows: int32 [events]; which of the n each event has.
    """
    codes = encoded.codes
    return PooledFeature(
        spec,
        codes.dtype.name,
        encoded.vocabulary,
        length,
        values=codes.shape[1],
        statistics=encoded.statistics,
        of_event=of_event,
        # One row more, of zeros: what padding events refer to.
        codes=np.concatenate([codes, np.zeros_like(codes, shape=(1, codes.shape[1]))]),
        rows=np.append(rows, np.int32(len(codes))),
    )


def _list_feature(
    spec: FeatureSpec, kind: FeatureType, interactions: Interactions, in_training: np.ndarray, length: int
) -> FeatureData:
    """Encode a column of lists. A type that pools gets one row per step; other types get one long sequence."""
    lists = interactions.items[spec.source]
    sizes = np.array([len(values) for values in lists], np.int64)
    flat = np.array([value for values in lists for value in values])
    if not len(flat):
        raise DataError("no item has a value")
    events = occurrences(interactions.item, len(lists), in_training)
    encoded = encode_values(kind, spec.options, flat, np.repeat(events, sizes))
    _require_one_code(kind, encoded, "a value of a list")
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
    table = np.zeros((len(lists), width), codes.dtype)
    item = np.repeat(np.arange(len(lists)), sizes)
    place = np.arange(len(flat)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    read = place < width
    table[item[read], place[read]] = codes[read]
    return _side_by_side(spec, attrs.evolve(encoded, codes=table), interactions.item, length)


def _require_one_code(kind: FeatureType, encoded: EncodedFeature, what: str) -> None:
    if encoded.codes.ndim != 1:
        raise refusal(kind, f"gives several codes for {what} in `encode`; expected one", kind.encode)


def _user_feature(
    spec: FeatureSpec, kind: FeatureType, interactions: Interactions, in_training: np.ndarray, length: int
) -> FeatureData:
    if spec.source not in interactions.users:
        near, have = suggestion(spec.source, interactions.users), ", ".join(interactions.users) or "none"
        raise DataError(f"no user column {spec.source!r} in this dataset{near}; it has {have}")
    if kind.several or interactions.users[spec.source].dtype == object:
        raise DataError(
            "a feature of the user reads one value, not a list; set its type to `string` and its source to a column "
            "without lists"
        )
    column = Column(interactions.users[spec.source], np.arange(interactions.num_users))
    counts = np.zeros(interactions.num_users, np.int64)
    counts[np.unique(interactions.user_of_event()[in_training])] = 1
    encoded = encode_values(kind, spec.options, column.values, counts)
    _require_one_code(kind, encoded, "a value of a user")
    codes, statistics = encoded.codes, encoded.statistics
    return UserFeature(spec, codes.dtype.name, encoded.vocabulary, length, statistics=statistics, codes=codes)


def _now_feature(
    spec: FeatureSpec, kind: FeatureType, interactions: Interactions, in_training: np.ndarray
) -> FeatureData:
    column = interactions.time_column(spec.source)
    if kind.several:
        raise DataError("the moment of asking has one value, not a list; set the feature's type to `int` or `buckets`")
    # A user's first event is never predicted: no history was there to ask with.
    asked = in_training.copy()
    asked[interactions.offsets[:-1][np.diff(interactions.offsets) > 0]] = False
    counts = occurrences(column.index, len(column.values), asked)
    encoded = encode_values(kind, spec.options, column.values, counts)
    _require_one_code(kind, encoded, "the moment of asking")
    return NowFeature(
        spec,
        encoded.codes.dtype.name,
        encoded.vocabulary,
        length=1,
        statistics=encoded.statistics,
        default=None if spec.source in TIME_SIZES else _median(column.values, counts),
        codes=look_up(encoded.codes, column.index, padding=1),
    )


def _median(values: np.ndarray, counts: np.ndarray) -> float:
    """The lower median of rising values that occur so often; 0 if none occurs."""
    below = np.cumsum(counts)
    return float(values[np.searchsorted(below, (below[-1] + 1) // 2)]) if below[-1] else 0.0


def encode_values(
    kind: FeatureType, options: Any, values: np.ndarray, counts: np.ndarray, distinct: bool = False
) -> EncodedFeature:
    """Encode values, some of which may be equal unless they are `distinct`.

    Args:
        counts: int [values] training events with each.
    """
    if distinct:
        distinct_values = FeatureValues(values, counts)
        return require_readable(kind, kind.encode(options, distinct_values), distinct_values)
    once, inverse = np.unique(values, return_inverse=True)
    summed = np.bincount(inverse, weights=counts, minlength=len(once)).astype(np.int64)
    distinct_values = FeatureValues(once, summed)
    encoded = require_readable(kind, kind.encode(options, distinct_values), distinct_values)
    return attrs.evolve(encoded, codes=encoded.codes[inverse])
