"""Integer categories: ids, years, counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import frozen

from recframe.contributions import EncodedFeature, FeatureContext, FeatureType, FeatureValues
from recframe.errors import DataError
from recframe.features.category import build_embedding, encode_category
from recframe.hookspecs import hookimpl
from recframe.specs import option

if TYPE_CHECKING:
    import keras


@frozen
class IntegerOptions:
    """An integer category, embedded."""

    embedding_dim: int | None = option(None, ge=1, help="Width of the embedding; none: model.width.")
    max_vocabulary: int | None = option(None, ge=1, help="Most frequent values kept; the others count as unknown.")


def encode(options: IntegerOptions, values: FeatureValues) -> EncodedFeature:
    if values.values.dtype.kind not in "iu":
        raise DataError(
            f"an `int` feature needs integers, got {values.values.dtype}; declare it as `string` or `float`"
        )
    return encode_category(values, options.max_vocabulary)


def build(options: IntegerOptions, context: FeatureContext) -> keras.Layer:
    return build_embedding(context, options.embedding_dim)


@hookimpl
def recframe_feature_types() -> Iterable[FeatureType]:
    summary = "Integer category through a vocabulary and an embedding."
    yield FeatureType("int", summary=summary, options=IntegerOptions, encode=encode, build=build)
