"""Checks what a feature type's `encode` returned, before anything is looked up in it. A plugin may return anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from recframe.plugin.guard import described
from recframe.plugin.origin import refusal
from recframe.plugin.types import EncodedFeature, FeatureType, FeatureValues


def require_readable(kind: FeatureType, encoded: object, values: FeatureValues) -> EncodedFeature:
    """Return what `encode` returned for the values, if training and apps can read it.

    Raises:
        PluginError: if not. The message names the feature type, its plugin, and what is wrong.
    """
    if fault := fault_of(encoded, kind.dtype, len(values.values)):
        raise refusal(kind, f"in `encode` {fault}", kind.encode)
    assert isinstance(encoded, EncodedFeature)
    return encoded


def fault_of(encoded: object, dtype: str, count: int) -> str:
    """What is wrong with what `encode` returned for `count` values; empty if nothing is."""
    if not isinstance(encoded, EncodedFeature):
        return f"gives {described(encoded)}; expected a recframe.EncodedFeature"
    return (
        _wrong_codes(encoded.codes, dtype, count)
        or _wrong_vocabulary(encoded)
        or _wrong_statistics(encoded.statistics)
        or _wrong_words(encoded)
    )


def _wrong_codes(codes: object, dtype: str, count: int) -> str:
    wanted = f"expected {dtype} [{count}], or [{count}, values] where a value has several codes"
    if not isinstance(codes, np.ndarray):
        return f"gives {described(codes)} as codes; {wanted}"
    if codes.dtype != dtype or codes.ndim not in (1, 2) or len(codes) != count or 0 in codes.shape[1:]:
        return f"gives codes {codes.dtype} {list(codes.shape)}; {wanted}"
    if not np.isfinite(codes).all():
        return "gives a code that is not finite; expected numbers"
    return ""


def _wrong_words(encoded: EncodedFeature) -> str:
    if encoded.codes.ndim == 1 or (encoded.vocabulary is not None and "split_at" in encoded.statistics):
        return ""
    return (
        "gives several codes a value; expected ids of a vocabulary, and the statistic `split_at`, by which "
        "apps find the words of a text"
    )


def _wrong_vocabulary(encoded: EncodedFeature) -> str:
    codes, vocabulary = encoded.codes, encoded.vocabulary
    if vocabulary is None:
        return ""
    if not isinstance(vocabulary, tuple):
        return f"gives {described(vocabulary)} as its vocabulary; expected a tuple of texts"
    if odd := [described(text) for text in vocabulary if not isinstance(text, str)]:
        return f"gives {odd[0]} in its vocabulary; expected a tuple of texts"
    if codes.dtype != np.int32:
        return f"gives {codes.dtype} codes with a vocabulary; expected int32 ids"
    if not vocabulary:
        return "gives an empty vocabulary; expected one whose first text stands for padding and unknown"
    low, high = int(codes.min(initial=0)), int(codes.max(initial=0))
    if low < 0 or high >= len(vocabulary):
        return f"gives ids from {low} to {high}; expected 0 to {len(vocabulary) - 1}, the vocabulary's last"
    return _ambiguous(codes, vocabulary)


def _ambiguous(codes: np.ndarray, vocabulary: tuple[str, ...]) -> str:
    """A text that occurs twice is harmless until its second id is used: an app would look up the first."""
    first: dict[str, int] = {}
    for index, text in enumerate(vocabulary[1:], start=1):
        first.setdefault(text, index)
    if len(first) == len(vocabulary) - 1:
        return ""
    for code in np.unique(codes[codes > 0]).tolist():
        if first[vocabulary[code]] != code:
            text = vocabulary[code]
            return f"gives the text {text!r} two ids, {first[text]} and {code}; expected one id for each text"
    return ""


def _wrong_statistics(statistics: object) -> str:
    if not isinstance(statistics, Mapping):
        return f"gives {described(statistics)} as statistics; expected a mapping from names to numbers"
    for name, value in statistics.items():
        numbers = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        odd = [one for one in numbers if not isinstance(one, int | float) or not np.isfinite(one)]
        if not isinstance(name, str) or odd:
            shown = repr(odd[0]) if odd else "no text as its name"
            return f"gives the statistic {name!r} {shown}; expected finite Python numbers, which JSON can hold"
    return ""
