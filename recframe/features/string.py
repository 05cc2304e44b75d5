"""String categories. The strings stay outside the graph: the model reads their ids."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import frozen

from recframe.contributions import EncodedFeature, FeatureContext, FeatureType, FeatureValues
from recframe.features.category import build_embedding, encode_category
from recframe.hookspecs import hookimpl
from recframe.specs import option

if TYPE_CHECKING:
    import keras


@frozen
class StringOptions:
    """A string category, embedded."""

    embedding_dim: int | None = option(None, ge=1, help="Width of the embedding; none: model.width.")
    max_vocabulary: int | None = option(None, ge=1, help="Most frequent values kept; the others count as unknown.")


def encode(options: StringOptions, values: FeatureValues) -> EncodedFeature:
    return encode_category(values, options.max_vocabulary)


def build(options: StringOptions, context: FeatureContext) -> keras.Layer:
    return build_embedding(context, options.embedding_dim)


@hookimpl
def recframe_feature_types() -> Iterable[FeatureType]:
    summary = "String category through a vocabulary and an embedding."
    yield FeatureType("string", summary=summary, options=StringOptions, encode=encode, build=build)
