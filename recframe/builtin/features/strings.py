"""Several categories per step, such as the genres of a film. Their embeddings are pooled into one vector."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import frozen

from recframe import FeatureContext, FeatureType, hookimpl, option
from recframe.builtin.features.category import CategoryOptions, encode_category

if TYPE_CHECKING:
    import keras


@frozen
class StringsOptions(CategoryOptions):
    """The categories of a step, embedded and pooled."""

    pool: str = option("mean", choices=("mean", "sum"), help="How the vectors of a step's values are pooled into one.")
    values: int | None = option(
        None, ge=1, le=10_000, help="Read only this many values of a step, from the first; none: all."
    )


def build(options: StringsOptions, context: FeatureContext) -> keras.Layer:
    from recframe.builtin.features.strings_layer import PooledEmbedding

    return PooledEmbedding(context.size, options.embedding_dim or context.width, options.pool)


@hookimpl
def recframe_feature_types() -> Iterable[FeatureType]:
    yield FeatureType(
        "strings",
        summary="Several categories per step, with one vocabulary, pooled into one vector.",
        options=StringsOptions,
        several=True,
        encode=encode_category,
        build=build,
    )
