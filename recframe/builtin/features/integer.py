"""Integer categories: ids, years, counts."""

from __future__ import annotations

import re
from collections.abc import Iterable

import attrs

from recframe import DataError, EncodedFeature, FeatureType, FeatureValues, hookimpl
from recframe.builtin.features.category import CategoryOptions, build_embedding, encode_category

_WHOLE = re.compile(r"(-?\d{1,40})?", re.ASCII)


def encode(options: CategoryOptions, values: FeatureValues) -> EncodedFeature:
    """Encode whole numbers. They may be text because some values are missing; the vocabulary then has these texts."""
    import numpy as np

    kind = values.values.dtype.kind
    if kind in "iub":
        return encode_category(options, values)
    wrong = next((value for value in values.values if kind != "U" or not _WHOLE.fullmatch(value)), None)
    if wrong is not None:
        raise DataError(
            f"an `int` feature needs whole numbers, but one value is {str(wrong)!r}; set its type to "
            f"`{'float' if kind == 'f' else 'string'}`"
        )
    numbers = np.array([int(text or 0) for text in values.values], object)
    if options.vocab_name is None and options.vocab_size is not None:
        if odd := next((t for t, n in zip(values.values, numbers, strict=True) if t and t != str(n)), None):
            raise DataError(
                f"with vocab_size, whole numbers are their own ids, but {str(odd)!r} is not the usual way to write its "
                "number; set the feature's type to `string`, or correct the data"
            )
        inside = np.array([number if 0 < number < options.vocab_size else 0 for number in numbers], np.int64)
        return encode_category(options, FeatureValues(inside, values.counts))
    order = np.argsort(numbers, kind="stable")  # equal counts are ordered as numbers, not as texts
    encoded = encode_category(options, FeatureValues(values.values[order], values.counts[order]))
    codes = np.zeros(len(order), np.int32)
    codes[order] = encoded.codes
    return attrs.evolve(encoded, codes=codes)


@hookimpl
def recframe_feature_types() -> Iterable[FeatureType]:
    summary = "Integer category, with a vocabulary and an embedding."
    yield FeatureType("int", summary=summary, options=CategoryOptions, encode=encode, build=build_embedding)
