"""A line of JSON lines: what is read of it, and what is wrong with the others."""

from __future__ import annotations

import pytest

from recframe.builtin.datasets.tabular.formats.json_object import NOT_DECODED, NumberWithText, json_object
from recframe.files.json_text import MAX_DEPTH


def nested(depth: int) -> bytes:
    """An object with lists inside one another in it."""
    return b'{"a": ' + b"[" * depth + b"]" * depth + b"}"


REFUSED = {
    "a list": (b"[1]", "is not a JSON object"),
    "two objects": (b"{} {}", "is not a JSON object, or is truncated"),
    "no UTF-8": (b'{"a": "\xff"}', NOT_DECODED),
    "half a surrogate pair": (rb'{"a": "\ud800"}', NOT_DECODED),
    "nested": (nested(MAX_DEPTH + 1), f"is nested more than {MAX_DEPTH} levels deep, or has"),
    "nested without end": (b'{"a": ' + b"[" * 100_000, f"is nested more than {MAX_DEPTH} levels deep, or has"),
    "many digits": (b'{"a": ' + b"1" * 5_000 + b"}", "or has a number with thousands of digits"),
}


@pytest.mark.parametrize(("line", "problem"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_object_is_told(line: bytes, problem: str) -> None:
    value, message = json_object(line)
    assert value is None
    assert problem in message


def test_an_object_as_deep_as_may_be() -> None:
    assert json_object(nested(MAX_DEPTH))[0] is not None


def test_numbers_keep_their_text() -> None:
    value, problem = json_object(b'{"a": 1.10, "b": 1.5, "c": -0, "d": 7, "e": 2.0}')
    assert problem == ""
    assert value == {"a": 1.1, "b": 1.5, "c": 0.0, "d": 7, "e": 2.0}
    assert {name: number.text for name, number in value.items() if isinstance(number, NumberWithText)} == {
        "a": "1.10",
        "c": "-0",
        "e": "2.0",
    }
