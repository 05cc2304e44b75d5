"""String categories. The strings stay outside the graph: the model reads their ids."""

from __future__ import annotations

from collections.abc import Iterable

from recframe import FeatureType, hookimpl
from recframe.builtin.features.category import CategoryOptions, build_embedding, encode_category


@hookimpl
def recframe_feature_types() -> Iterable[FeatureType]:
    summary = "String category through a vocabulary and an embedding."
    yield FeatureType("string", summary=summary, options=CategoryOptions, encode=encode_category, build=build_embedding)
