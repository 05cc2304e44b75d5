"""Numbers in buckets: the quantiles of the training data are categories with embeddings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import frozen

from recframe import EncodedFeature, FeatureContext, FeatureType, FeatureValues, hookimpl, option
from recframe.builtin.features.number import require_numbers

if TYPE_CHECKING:
    import keras


@frozen
class BucketOptions:
    """The embedded bucket of a number."""

    buckets: int = option(10, ge=2, le=10_000, help="Largest number of buckets; they are quantiles of training events.")
    embedding_dim: int | None = option(None, ge=1, help="Width of the embedding; none: model.width.")


def encode(options: BucketOptions, values: FeatureValues) -> EncodedFeature:
    """Encode numbers by their bucket. The edges split the training events into equal shares."""
    import numpy as np

    from recframe import bucket_ids

    numbers = require_numbers(values, "buckets")
    seen = np.flatnonzero(values.counts)
    seen = seen[np.argsort(numbers[seen], kind="stable")]
    edges: list[float] = []
    if len(seen):
        below = np.cumsum(values.counts[seen])
        shares = np.arange(1, options.buckets) / options.buckets
        bounds = np.unique(numbers[seen][np.searchsorted(below, shares * below[-1], side="left")])
        edges = bounds[bounds < numbers[seen[-1]]].tolist()  # no event is above the largest number
    statistics = {"edges": edges}
    texts = [f"up to {edge!r}" for edge in edges] + [f"above {edges[-1]!r}" if edges else "any number"]
    return EncodedFeature(bucket_ids(numbers, statistics), ("", *texts), statistics)


def build(options: BucketOptions, context: FeatureContext) -> keras.Layer:
    import keras

    return keras.layers.Embedding(context.size, options.embedding_dim or context.width)


@hookimpl
def recframe_feature_types() -> Iterable[FeatureType]:
    summary = "A number's quantile in the training data, embedded."
    yield FeatureType("buckets", summary=summary, options=BucketOptions, encode=encode, build=build)
