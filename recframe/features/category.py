"""What the categorical feature types share: a vocabulary by falling count, and an embedding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recframe.contributions import EncodedFeature, FeatureContext, FeatureValues

if TYPE_CHECKING:
    import keras


def encode_category(values: FeatureValues, limit: int | None) -> EncodedFeature:
    """Give the values ids from 1 by falling count, ties in the values' own order; id 0 is padding and unknown."""
    import numpy as np

    order = np.lexsort((np.arange(len(values.values)), -values.counts))[:limit]
    codes = np.zeros(len(values.values), np.int32)
    codes[order] = np.arange(1, len(order) + 1, dtype=np.int32)
    return EncodedFeature(codes, ("", *(str(value) for value in values.values[order])))


def build_embedding(context: FeatureContext, width: int | None) -> keras.Layer:
    import keras

    return keras.layers.Embedding(context.size, width or context.width)
