"""What a feature type returns is looked at as soon as it is there, and what is wrong is told of the type."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recframe.data.code_checks import require_readable
from recframe.errors import PluginError
from recframe.plugin.types import EncodedFeature, FeatureType, FeatureValues

VALUES = FeatureValues(np.array(["a b", "b"]), np.array([2, 1]))
WORDS = ("", "a", "b")
SPLIT = {"split_at": [32]}


def encoded(codes: Any, vocabulary: Any = WORDS, statistics: Any = None) -> EncodedFeature:
    return EncodedFeature(codes, vocabulary, {} if statistics is None else statistics)


def look(result: Any, dtype: str = "int32") -> EncodedFeature:
    kind = FeatureType("mine", summary="Mine.", dtype=dtype, encode=lambda o, v: result, build=lambda o, c: None)  # type: ignore[arg-type, return-value]
    return require_readable(kind, result, VALUES)


def int32(*codes: Any) -> np.ndarray:
    return np.array(codes, np.int32)


@pytest.mark.parametrize(
    "result",
    [
        encoded(int32(1, 0)),
        encoded(int32([1, 2], [2, 0]), statistics=SPLIT),
        encoded(int32(1, 2), ("", "a", "b", "a")),  # the second id of a text is not used
    ],
    ids=["ids", "words", "an idle line"],
)
def test_sound_codes_pass(result: EncodedFeature) -> None:
    assert look(result) is result


def test_numbers_pass() -> None:
    assert look(encoded(np.array([0.5, 1.0], np.float32), None), "float32").vocabulary is None


WRONG: dict[str, tuple[Any, str]] = {
    "None": (None, "gives None; expected a recframe.EncodedFeature"),
    "a list": (encoded([1, 2]), "gives a list as codes"),
    "wide": (encoded(np.array([1, 2])), r"gives codes int64 \[2\]; expected int32 \[2\]"),
    "floats": (encoded(np.array([1.0, 2.0], np.float32)), r"gives codes float32 \[2\]"),
    "too few": (encoded(int32(1)), r"gives codes int32 \[1\]"),
    "three dimensions": (encoded(int32([[1]], [[2]])), r"gives codes int32 \[2, 1, 1\]"),
    "negative": (encoded(int32(-1, 1)), "gives ids from -1 to 1; expected 0 to 2"),
    "past the end": (encoded(int32(1, 3)), "gives ids from 0 to 3; expected 0 to 2"),
    "a vocabulary that is a list": (encoded(int32(1, 2), list(WORDS)), "gives a list as its vocabulary"),
    "an unhashable text": (encoded(int32(1, 2), ("", "a", ["b"])), "gives a list in its vocabulary"),
    "an empty vocabulary": (encoded(int32(0, 0), ()), "gives an empty vocabulary"),
    "two ids of one text": (encoded(int32(1, 2), ("", "a", "a")), "gives the text 'a' two ids, 1 and 2"),
    "a statistic of NumPy": (encoded(int32(1, 2), statistics={"mean": np.float32(1)}), "gives the statistic 'mean'"),
    "statistics that are none": (encoded(int32(1, 2), statistics=[1]), "gives a list as statistics"),
    "words that apps cannot find": (encoded(int32([1, 2], [2, 0])), "gives several codes a value"),
}


@pytest.mark.parametrize(("result", "words"), WRONG.values(), ids=WRONG)
def test_others_are_refused_with_what_is_expected(result: Any, words: str) -> None:
    with pytest.raises(PluginError, match=rf"^feature 'mine' in `encode` {words}.*test_code_checks.py:\d+\)"):
        look(result)
