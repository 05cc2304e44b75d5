"""Numbers, such as ratings, fed to the encoder beside the embeddings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import frozen

from recframe.contributions import EncodedFeature, FeatureContext, FeatureType, FeatureValues
from recframe.errors import DataError
from recframe.hookspecs import hookimpl

if TYPE_CHECKING:
    import keras


@frozen
class NumberOptions:
    """A number as it is."""


def encode(options: NumberOptions, values: FeatureValues) -> EncodedFeature:
    import numpy as np

    if values.values.dtype.kind not in "fiu":
        raise DataError(f"a `float` feature needs numbers, got {values.values.dtype}; declare it as `string`")
    with np.errstate(over="ignore"):
        codes = values.values.astype(np.float32)
    if not np.isfinite(codes).all():
        raise DataError("a `float` feature holds a value that is not finite, or too large for float32")
    return EncodedFeature(codes, None)


def build(options: NumberOptions, context: FeatureContext) -> keras.Layer:
    import keras

    return keras.layers.Reshape((-1, 1))


@hookimpl
def recframe_feature_types() -> Iterable[FeatureType]:
    summary = "A number, one column of the step."
    yield FeatureType("float", summary=summary, options=NumberOptions, dtype="float32", encode=encode, build=build)
