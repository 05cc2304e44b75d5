"""Feature types that each break one demand of FeatureContract."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import keras
import numpy as np
import tensorflow as tf

from recframe.errors import DataError
from recframe.plugin.types import EncodedFeature, FeatureType, FeatureValues
from tests.contracts.broken.layers import CONVERTS, GRADIENTS, a_layer
from tests.contracts.broken.listing import broken


def by_count(values: FeatureValues) -> EncodedFeature:
    order = np.argsort(-values.counts, kind="stable")
    codes = np.zeros(len(order), np.int32)
    codes[order] = np.arange(1, len(order) + 1)
    return EncodedFeature(codes, ("[none]", *map(str, values.values[order])))


def embed(context: Any) -> keras.Layer:
    return keras.layers.Embedding(context.size, context.width)


def feature(
    name: str,
    demand: str,
    encode: Callable[[FeatureValues], EncodedFeature] = by_count,
    build: Callable[[Any], keras.Layer] = embed,
    dtype: str = "int32",
    several: bool = False,
) -> None:
    made = FeatureType(
        name,
        summary="Broken.",
        dtype=dtype,
        several=several,
        encode=lambda options, values: encode(values),
        build=lambda options, context: build(context),
    )
    broken(made, demand)


def numbers(values: FeatureValues) -> EncodedFeature:
    if values.values.dtype.kind not in "fiu":
        raise DataError("numbers only")
    return EncodedFeature(values.values.astype(np.float32), None)


def in_given_order(values: FeatureValues) -> EncodedFeature:
    return EncodedFeature(np.arange(1, len(values.values) + 1, dtype=np.int32), ("[none]", *map(str, values.values)))


def unseen_at_random(values: FeatureValues) -> EncodedFeature:
    vocabulary = by_count(values)
    drawn = np.random.default_rng().integers(0, 4, len(vocabulary.codes)).astype(np.int32)
    return attrs.evolve(vocabulary, codes=np.where(values.counts > 0, vocabulary.codes, drawn))


CODES, LAYER = "gives each value a code", "the layer gives a finite vector for each step"
feature("undeclared", "declares a dtype that the model reads", dtype="int64")
feature(
    "bare_error", "takes or refuses", lambda values: numbers(attrs.evolve(values, values=values.values.astype(int)))
)
feature("wide_codes", CODES, lambda values: attrs.evolve(by_count(values), codes=by_count(values).codes.astype(int)))
feature("too_few_codes", CODES, lambda values: attrs.evolve(by_count(values), codes=by_count(values).codes[1:]))
feature(
    "text_twice", CODES, lambda values: attrs.evolve(by_count(values), vocabulary=("a",) * (len(values.values) + 1))
)
feature("past_the_end", CODES, lambda values: attrs.evolve(by_count(values), vocabulary=("[none]", "a")))
feature(
    "not_finite",
    "odd values are refused or get sound codes",
    numbers,
    lambda c: keras.layers.Reshape((-1, 1)),
    "float32",
)
feature(
    "from_0", "id 0 is left to padding", lambda values: attrs.evolve(by_count(values), codes=by_count(values).codes - 1)
)
feature("unseen_at_random", "values that training never saw are no trouble", unseen_at_random)
feature("in_given_order", "the same values get the same codes in any order", in_given_order)
feature(
    "odd_statistics",
    "statistics can stand in a manifest",
    lambda values: attrs.evolve(by_count(values), statistics={"mean": np.float32(1)}),  # type: ignore[dict-item]
)
feature(
    "padded_mean",
    "padding among a steps values is neutral",
    build=lambda c: a_layer(lambda ids: tf.reduce_mean(tf.cast(ids, tf.float32), axis=-1, keepdims=True)),
    several=True,
)
feature("flat", LAYER, build=lambda context: a_layer(lambda ids: tf.cast(ids, tf.float32)))
feature(
    "not_numbers", LAYER, build=lambda context: a_layer(lambda ids: tf.math.log(tf.cast(ids, tf.float32))[..., None])
)
feature("blind", "the values matter", build=lambda c: a_layer(lambda ids: tf.cast(ids, tf.float32)[..., None] * 0))
feature("spare", GRADIENTS, build=lambda c: a_layer(lambda ids: tf.cast(ids, tf.float32)[..., None], spare=True))
feature(
    "texts_in_the_graph",
    CONVERTS,
    build=lambda c: a_layer(lambda ids: tf.strings.to_number(tf.strings.as_string(ids))[..., None]),
)
feature(
    "other_texts",
    "apps read the codes that training read",
    lambda values: attrs.evolve(
        by_count(values), vocabulary=tuple(f"<{t}>" for t in by_count(values).vocabulary or ())
    ),
)
