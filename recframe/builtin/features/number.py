"""Numbers, such as ratings and prices, which the encoder reads next to the embeddings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import frozen

from recframe import DataError, EncodedFeature, FeatureContext, FeatureType, FeatureValues, hookimpl, option

if TYPE_CHECKING:
    import keras
    import numpy as np


@frozen
class NumberOptions:
    """A number, unchanged or scaled."""

    scale: str = option(
        "none",
        choices=("none", "standard", "log"),
        help="`standard`: (x - mean) / standard deviation, both over training events; `log`: the same for log(1 + x); "
        "`none`: x itself.",
    )


def encode(options: NumberOptions, values: FeatureValues) -> EncodedFeature:
    import numpy as np

    from recframe import logarithm, scaled

    numbers = require_numbers(values, "float")
    statistics: dict[str, float] = {}
    if options.scale != "none":
        with np.errstate(over="ignore", invalid="ignore"):
            numbers_to_scale = logarithm(numbers) if options.scale == "log" else numbers
            mean, deviation = _moments(numbers_to_scale, values.counts)
        # Equal numbers have the deviation 0, which cannot be a divisor.
        usable = np.isfinite(deviation) and deviation > 0
        statistics = {"log": float(options.scale == "log"), "mean": mean, "deviation": deviation if usable else 1.0}
    codes = scaled(numbers, statistics)
    if not np.isfinite(codes).all():
        raise DataError("a `float` feature has a value that is too large for float32; correct it, or set scale=log")
    return EncodedFeature(codes, None, statistics)


def require_numbers(values: FeatureValues, kind: str) -> np.ndarray:
    """float64 [n]: the values as numbers. Raises DataError if a value is not a finite number."""
    import numpy as np

    from recframe import numbers_of

    numbers = numbers_of(values.values)
    finite = np.isfinite(numbers)
    if finite.all():
        return numbers
    bad = values.values[~finite][0]
    if values.values.dtype.kind == "f":
        raise DataError(f"a `{kind}` feature needs finite numbers, but one value is {bad}; give these rows a number")
    raise DataError(
        f"a `{kind}` feature needs numbers, but one value is {str(bad)!r}; correct it in the data, or set the type to "
        "`string`"
    )


def _moments(numbers: np.ndarray, counts: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation over the training events; 0 and 1 if there are none.

    The numbers are sorted first, so that the rounding of the sums does not depend on their order.
    """
    import numpy as np

    order, total = np.argsort(numbers, kind="stable"), counts.sum()
    if not total:
        return 0.0, 1.0
    weights = counts[order] / total
    mean = float((numbers[order] * weights).sum())
    return mean, float(np.sqrt(((numbers[order] - mean) ** 2 * weights).sum()))


def build(options: NumberOptions, context: FeatureContext) -> keras.Layer:
    import keras

    return keras.layers.Reshape((-1, 1))


@hookimpl
def recframe_feature_types() -> Iterable[FeatureType]:
    summary = "A number, which is one value of the step's vector."
    yield FeatureType("float", summary=summary, options=NumberOptions, dtype="float32", encode=encode, build=build)
