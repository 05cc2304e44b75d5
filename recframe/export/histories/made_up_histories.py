"""Makes up histories for a bundle that must not reveal any person: `export.private`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from recframe.data.vocabularies import without_hash_buckets
from recframe.plugin.catalogue import Catalogue, FeatureInfo
from recframe.plugin.exporting import RawHistory
from recframe.runtime.encoding import TIME_SOURCES
from recframe.spec.experiment import NOW, ExperimentSpec

#: The first made-up time, 2020-01-01, and the most seconds between two made-up times.
_FIRST_TIME, _LONGEST_GAP = 1_577_836_800, 7 * 86_400


def made_up_histories(spec: ExperimentSpec, catalogue: Catalogue, count: int) -> list[RawHistory]:
    """Made-up histories, from an empty one to the longest that the model reads. Frequent items are drawn more often."""
    rng = np.random.default_rng(spec.seed)
    labels = np.flatnonzero(catalogue.known)
    weights = catalogue.counts[labels] + 1.0
    timed = any(feature.spec.source in TIME_SOURCES for feature in catalogue.features.values())
    scopes, histories = spec.scopes, []
    for place in range(count):
        length = place * spec.model.history_length // max(count - 1, 1)
        drawn = rng.choice(labels, length, p=weights / weights.sum())
        values = {
            name: [_drawn(feature, rng) for _ in range(1 if scopes[name] == "user" else length)]
            for name, feature in catalogue.features.items()
            if scopes[name] == "user" or feature.of_event
        }
        # One time more than there are events: the moment of asking.
        *times, now = (_FIRST_TIME + np.cumsum(rng.integers(0, _LONGEST_GAP, length + 1))).tolist()
        items = [catalogue.labels[label] for label in drawn.tolist()]
        asked = now if NOW in scopes.values() else None
        histories.append(RawHistory(items, values, times if timed else None, asked))
    return histories


def _drawn(feature: FeatureInfo, rng: np.random.Generator) -> Any:
    """A value that the feature can read."""
    statistics: Mapping[str, Any] = feature.statistics
    if len(edges := statistics.get("edges", ())):
        return float(rng.choice(edges))
    if feature.vocabulary:
        return str(rng.choice(without_hash_buckets(feature)[1:] or ("",)))
    middle, deviation = statistics.get("mean", 0.0), statistics.get("deviation", 1.0)
    number = rng.normal(middle, deviation)
    return float(np.sign(number) * np.expm1(abs(number)) if statistics.get("log") else number)
