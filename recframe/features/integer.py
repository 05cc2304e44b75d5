"""Integer categories: ids, years, counts."""

from __future__ import annotations

from collections.abc import Iterable

from recframe.contributions import EncodedFeature, FeatureType, FeatureValues
from recframe.errors import DataError
from recframe.features.category import CategoryOptions, build_embedding, encode_category
from recframe.hookspecs import hookimpl


def encode(options: CategoryOptions, values: FeatureValues) -> EncodedFeature:
    if values.values.dtype.kind not in "iu":
        raise DataError(
            f"an `int` feature needs whole numbers, and the values are such as {str(values.values[0])!r}; set its type "
            f"to `{'float' if values.values.dtype.kind == 'f' else 'string'}`"
        )
    return encode_category(options, values)


@hookimpl
def recframe_feature_types() -> Iterable[FeatureType]:
    summary = "Integer category through a vocabulary and an embedding."
    yield FeatureType("int", summary=summary, options=CategoryOptions, encode=encode, build=build_embedding)
