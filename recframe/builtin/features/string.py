"""String categories. The model reads only their ids, not the strings."""

from __future__ import annotations

from collections.abc import Iterable

from recframe import FeatureType, hookimpl
from recframe.builtin.features.category import CategoryOptions, build_embedding, encode_category


@hookimpl
def recframe_feature_types() -> Iterable[FeatureType]:
    summary = "String category, with a vocabulary and an embedding."
    yield FeatureType("string", summary=summary, options=CategoryOptions, encode=encode_category, build=build_embedding)
