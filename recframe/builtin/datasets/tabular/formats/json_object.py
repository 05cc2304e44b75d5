"""A JSON object on a line, read by Python's parser, which tells a number from a text."""

from __future__ import annotations

import json
from typing import Any

from recframe import parse_json, text_of

NOT_DECODED = "is not decoded"
# As `recframe.parse_json` refuses it, and Python itself.
_TOO_MUCH = "is nested more than 100 deep, or holds a number of thousands of digits"


class Written(float):
    """A number whose own text is another than the file's, which is kept: 1.10, 1e3, 2.0."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def json_object(line: bytes) -> tuple[dict[str, Any] | None, str]:
    """The object on a line, or None and what is wrong."""
    try:
        text = line.removeprefix(b"\xef\xbb\xbf").decode()
        value = parse_json(text, _SIGNED if "-0" in text else _PLAIN)
        if not isinstance(value, dict):
            return None, "is no JSON object"
        if b"\\u" in line:
            json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is JSON and no text
    except UnicodeError:
        return None, NOT_DECODED
    except json.JSONDecodeError:
        return None, "is no JSON object, or is cut off"
    except (ValueError, RecursionError):
        return None, _TOO_MUCH
    return value, ""


def _float(text: str) -> float:
    number = float(text)
    # The quick look is enough for most: what Python writes so, and is not whole.
    alike = (repr(number) == text and not text.endswith(".0")) or text_of(number) == text
    return number if alike else Written(text)


def _int(text: str) -> int | float:
    return Written(text) if text == "-0" else int(text)


#: Made once, since `json.loads` with hooks makes one for each line. -0 is rare, and a hook for whole numbers is slow.
_PLAIN, _SIGNED = json.JSONDecoder(parse_float=_float), json.JSONDecoder(parse_float=_float, parse_int=_int)
