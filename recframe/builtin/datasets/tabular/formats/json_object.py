"""Parses a JSON object on a line with Python's parser."""

from __future__ import annotations

import json
from typing import Any

from recframe import parse_json, text_of

NOT_DECODED = "is not decoded"
# The limits of `recframe.parse_json` and of Python.
_TOO_MUCH = "is nested more than 100 levels deep, or has a number with thousands of digits"


class NumberWithText(float):
    """A number that keeps its text in the file, since that is not the usual form: 1.10, 1e3, 2.0."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def json_object(line: bytes) -> tuple[dict[str, Any] | None, str]:
    """The object on a line, or None; and the problem."""
    try:
        text = line.removeprefix(b"\xef\xbb\xbf").decode()
        value = parse_json(text, _SIGNED if "-0" in text else _PLAIN)
        if not isinstance(value, dict):
            return None, "is not a JSON object"
        if b"\\u" in line:
            json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is valid JSON, but not valid text
    except UnicodeError:
        return None, NOT_DECODED
    except json.JSONDecodeError:
        return None, "is not a JSON object, or is truncated"
    except (ValueError, RecursionError):
        return None, _TOO_MUCH
    return value, ""


def _float(text: str) -> float:
    number = float(text)
    # The first check is fast, and is enough for most numbers.
    alike = (repr(number) == text and not text.endswith(".0")) or text_of(number) == text
    return number if alike else NumberWithText(text)


def _int(text: str) -> int | float:
    return NumberWithText(text) if text == "-0" else int(text)


#: Made once, since `json.loads` with hooks makes a decoder for each line. The hook for whole numbers is slow and is
#: needed only for -0, which is rare.
_PLAIN, _SIGNED = json.JSONDecoder(parse_float=_float), json.JSONDecoder(parse_float=_float, parse_int=_int)
