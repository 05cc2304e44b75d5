"""The text of a value, and the number of a text: one rule for training and for the phone."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from recframe.errors import DataError
from recframe.plugin.manager import load_plugins
from recframe.plugin.types import FeatureValues
from recframe.runtime.encoding import number_of, numbers_of, text_of, texts_of
from recframe.runtime.inputs import FeatureInput
from recframe.spec.structure import options_from

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1.10", "1.10"),
        ("", ""),
        (1.10, "1.1"),
        (2.0, "2"),
        (-0.0, "0"),
        (2.0**53, "9007199254740992.0"),
        (1e16, "1e+16"),
        (1e-7, "1e-07"),
        (True, "true"),
        (np.False_, "false"),
        (7, "7"),
        (np.int64(-7), "-7"),
        (np.float32(0.1), "0.1"),
        (np.float32(3), "3"),
        (np.uint64(2**64 - 1), "18446744073709551615"),
        (np.str_("007"), "007"),
    ],
)
def test_the_text_of_a_value(value: object, text: str) -> None:
    assert text_of(value) == text


@given(FINITE)
def test_a_number_has_one_text_and_the_text_that_number(number: float) -> None:
    assert float(text_of(number)) == number
    assert text_of(np.float64(number)) == text_of(number)
    assert text_of(json.loads(json.dumps(number))) == text_of(number)  # as the phone reads it in items.json


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1))
def test_narrow_floats_are_the_number_that_they_are_written_as(values: list[float]) -> None:
    narrow = np.array(values, np.float32)
    assert numbers_of(narrow).tolist() == [float(text_of(value)) for value in narrow]
    assert numbers_of(texts_of(narrow)).tolist() == numbers_of(narrow).tolist()


@pytest.mark.parametrize(
    ("text", "number"),
    [("1.10", 1.1), ("007", 7), ("1e3", 1000), (".5", 0.5), ("", 0), ("true", 1), ("False", 0), ("+2", 2)],
)
def test_the_number_of_a_text(text: str, number: float) -> None:
    assert number_of(text) == number
    assert numbers_of(np.array([text])).tolist() == [number]


@pytest.mark.parametrize("value", ["1_000", " 1", "1,5", "nan", "inf", "\u0661", "0x1", "cheap", None, [1]])
def test_what_is_no_number(value: object) -> None:
    assert np.isnan(number_of(value))


def encoded(kind: str, values: list[Any], **options: Any) -> tuple[Any, FeatureInput]:
    """The codes that training gives distinct values, and the input that a phone makes of raw ones."""
    contribution = load_plugins().features[kind]
    array = np.array(values)
    made = contribution.encode(
        options_from(options, contribution.options), FeatureValues(array, np.arange(len(array), 0, -1))
    )
    spec = {
        "name": "x",
        "shape": [-1, 1],
        "dtype": made.codes.dtype.name,
        "scope": "history",
        "values": "one",
        "source": "x",
        "steps": 1,
        "vocabulary": "x.txt" if made.vocabulary else None,
        "statistics": made.statistics,
    }
    return made, FeatureInput(spec, True, made.vocabulary or (), ("", "a"), lambda label: None)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("string", {}),
        ("string", {"hash_buckets": 3, "max_vocabulary": 2}),
        ("int", {}),
        ("int", {"vocab_size": 12}),
        ("float", {}),
        ("float", {"scale": "standard"}),
        ("float", {"scale": "log"}),
        ("buckets", {"buckets": 3}),
    ],
)
@pytest.mark.parametrize(
    "values", [["", "3", "10", "9"], [3, 10, 9], ["1.10", "1.1", "2.0", ""], [1.5, 2.0, 3.0], [True, False]]
)
def test_the_phone_gives_each_raw_value_the_code_of_training(
    kind: str, options: dict[str, Any], values: list[Any]
) -> None:
    try:
        made, phone = encoded(kind, values, **options)
    except DataError:
        assert kind == "int"
        assert not all(text_of(value).lstrip("-").isdigit() or value == "" for value in values)
        return
    row = np.zeros(1, made.codes.dtype)
    for value, code in zip(np.array(values).tolist(), made.codes.tolist(), strict=True):
        phone.write(row, [1], [value])
        assert row[0] == code, value


def test_whole_numbers_that_stand_as_text_are_in_the_order_of_numbers() -> None:
    made, _ = encoded("int", ["", "10", "9"])
    assert made.vocabulary == ("", "10", "9")  # by falling count
    contribution = load_plugins().features["int"]
    equal = FeatureValues(np.array(["", "10", "9"]), np.array([1, 1, 1]))
    assert contribution.encode(contribution.options(), equal).vocabulary == ("", "9", "10")
    with pytest.raises(DataError, match="'007' is not the usual way to write its number"):
        encoded("int", ["007", "1"], vocab_size=9)
    with pytest.raises(DataError, match=r"`int` feature needs whole numbers, but one value is '2\.0'"):
        encoded("int", ["1", "2.0"])


def test_items_json_has_the_digits_of_a_narrow_float() -> None:
    from recframe.export.bundle_files.items import _plain

    values = np.array([0.1, 0.7, 3, 1e-7], np.float32)
    written = json.loads(json.dumps(_plain(values)))
    assert [text_of(value) for value in written] == texts_of(values).tolist()
    assert written == numbers_of(values).tolist()
