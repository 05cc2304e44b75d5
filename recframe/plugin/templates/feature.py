"""The feature type `mine`: `recframe groups.history.features.item.type=mine`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import recframe
from attrs import frozen

if TYPE_CHECKING:
    import keras


@frozen
class MineOptions:
    """What a user may set."""

    min_count: int = recframe.option(1, ge=1, help="Values with fewer training events are unknown.")


def encode(options: MineOptions, values: recframe.FeatureValues) -> recframe.EncodedFeature:
    """An id for each value: 1 for the most frequent."""
    # An app looks up the text of a value, so the text is what counts here too.
    texts = recframe.texts_of(values.values)
    # Values of one count stand in the order of their texts, so that the ids are the same each time.
    order = np.lexsort((texts, -values.counts))
    known = order[(values.counts[order] >= options.min_count) & (texts[order] != "")]
    codes = np.zeros(len(texts), np.int32)
    codes[known] = np.arange(1, len(known) + 1)
    # Id 0 stands for padding and unknown values.
    return recframe.EncodedFeature(codes, ("", *texts[known].tolist()))


def build(options: MineOptions, context: recframe.FeatureContext) -> keras.Layer:
    """A vector for each id."""
    # Imported here, so that listing the plugins does not load it.
    import keras

    return keras.layers.Embedding(context.size, context.width)


FEATURE = recframe.FeatureType("mine", summary="A category.", options=MineOptions, encode=encode, build=build)


@recframe.hookimpl
def recframe_feature_types() -> Iterable[recframe.FeatureType]:
    yield FEATURE
