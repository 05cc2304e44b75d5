"""Keeps the ids of an earlier run. Values that the earlier run did not know get new ids after the old ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs
import numpy as np

from recframe.data.code_checks import require_readable
from recframe.data.vocabularies import without_hash_buckets
from recframe.errors import DataError
from recframe.plugin.catalogue import FeatureInfo
from recframe.plugin.types import EncodedFeature, FeatureType, FeatureValues
from recframe.runtime.encoding import (
    Statistics,
    bucket_ids,
    hashed_id,
    numbers_of,
    scaled,
    text_of,
    texts_of,
    words_of,
)
from recframe.spec.experiment import FeatureSpec

_HASHES = {"hash_from", "hash_buckets"}  # hash buckets follow the values, so their position and number may change


def keep_earlier_ids(
    kind: FeatureType, spec: FeatureSpec, old: FeatureInfo | None, labels: Sequence[str]
) -> FeatureType:
    """A feature type that keeps the ids and statistics of an earlier run, if that run had the same feature.

    Args:
        old: The earlier run's feature of this name; None if it had none.
        labels: The label vocabulary, which begins with the earlier run's.
    """

    def encode(options: object, values: FeatureValues) -> EncodedFeature:
        encoded = require_readable(kind, kind.encode(options, values), values)
        if old is not None and can_keep_ids(spec, encoded, old):
            encoded = _continue_ids(spec, encoded, old, values.values)
        return _with_label_ids(spec, encoded, values.values, labels)

    return attrs.evolve(kind, encode=encode)


def can_keep_ids(spec: FeatureSpec, new: EncodedFeature | FeatureInfo, old: FeatureInfo) -> bool:
    """Whether ids or numbers of a feature can keep the meaning that they had in the earlier run."""
    same = (spec.type, spec.source, new.vocabulary is None) == (
        old.spec.type,
        old.spec.source,
        old.vocabulary is None,
    )
    statistics = set(new.statistics) - _HASHES == set(old.statistics) - _HASHES
    log = new.statistics.get("log") == old.statistics.get("log")
    # A vocabulary file fixes the ids, so it must begin with the earlier run's values.
    declared = getattr(spec.options, "vocab_name", None) is not None
    return same and statistics and log and (not declared or _starts_with(new, old))


def _starts_with(new: EncodedFeature | FeatureInfo, old: FeatureInfo) -> bool:
    before = without_hash_buckets(old)
    return without_hash_buckets(new)[: len(before)] == before


def _continue_ids(spec: FeatureSpec, new: EncodedFeature, old: FeatureInfo, values: np.ndarray) -> EncodedFeature:
    if "edges" in old.statistics:
        return EncodedFeature(bucket_ids(numbers_of(values), old.statistics), old.vocabulary, old.statistics)
    if old.vocabulary is None:
        codes = scaled(numbers_of(values), old.statistics)
        if not np.isfinite(codes).all():
            raise DataError(
                "a value is too large for float32 after scaling with the earlier run's mean and standard deviation"
            )
        return EncodedFeature(codes, None, old.statistics)
    return new if _starts_with(new, old) else _append_new_values(spec, new, without_hash_buckets(old), values)


def _append_new_values(
    spec: FeatureSpec, new: EncodedFeature, before: tuple[str, ...], values: np.ndarray
) -> EncodedFeature:
    """The earlier values, then the new values in the order of the feature type, then the hash buckets."""
    texts = without_hash_buckets(new)
    room = _remaining_size(spec, len(before) - 1)
    known = set(before[1:])
    vocabulary = (*before, *[text for text in texts[1:] if text not in known][:room])
    ids = {text: index for index, text in reversed(list(enumerate(vocabulary))) if index}
    buckets = (new.vocabulary or ())[len(texts) :]
    statistics = {**new.statistics, "hash_from": len(vocabulary)} if buckets else new.statistics
    if new.codes.ndim == 2:
        return EncodedFeature(
            _word_ids(values, ids, statistics, new.codes.shape[1]), (*vocabulary, *buckets), statistics
        )
    codes = np.zeros(len(values), np.int32)
    for row, code in enumerate(new.codes.tolist()):
        raw = text_of(values[row])
        # The feature type may have its own way to write a value as text, so its text has priority.
        text = texts[code] if 0 < code < len(texts) else raw
        nothing = text in ("", before[0])
        codes[row] = ids.get(text) or (0 if nothing else hashed_id(raw, statistics))
    return EncodedFeature(codes, (*vocabulary, *buckets), statistics)


def _word_ids(values: np.ndarray, ids: Mapping[str, int], statistics: Statistics, width: int) -> np.ndarray:
    """int32 [n, width]: the ids of the words of each value."""
    codes = np.zeros((len(values), width), np.int32)
    for row, text in zip(codes, texts_of(values), strict=True):
        known = [code for word in words_of(text, statistics) if (code := ids.get(word) or hashed_id(word, statistics))]
        row[: len(known)] = known[:width]
    return codes


def _remaining_size(spec: FeatureSpec, taken: int) -> int | None:
    """How many new values the options allow; None for any number. Earlier values are never removed."""
    size = getattr(spec.options, "vocab_size", None)
    limits = (getattr(spec.options, "max_vocabulary", None), size and size - 1)
    known_limits = [limit for limit in limits if limit is not None]
    return max(0, min(known_limits) - taken) if known_limits else None


def _with_label_ids(
    spec: FeatureSpec, encoded: EncodedFeature, values: np.ndarray, labels: Sequence[str]
) -> EncodedFeature:
    """Give an item feature that knows every item the ids of the labels, so that the model can share one table."""
    declared = any(getattr(spec.options, name, None) is not None for name in ("vocab_name", "vocab_size"))
    if spec.source != "item" or declared or encoded.vocabulary is None or encoded.statistics:
        return encoded
    ids = {text: index for index, text in enumerate(labels) if index}
    every = encoded.codes.all() and len(np.unique(encoded.codes)) == len(values)
    if not every or not ids.keys() >= set(encoded.vocabulary[1:]):
        return encoded
    return attrs.evolve(
        encoded, codes=np.array([ids[text_of(value)] for value in values], np.int32), vocabulary=tuple(labels)
    )
