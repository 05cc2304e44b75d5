"""Reads JSON from untrusted sources. Every mistake is a ValueError, including text that is nested too deeply."""

from __future__ import annotations

import json
from typing import Any, NoReturn

#: The deepest nesting of lists and objects. What recframe writes has a tenth. Python's limit is about 1,000: near it
#: the reading may succeed, and a later function that walks through the values may fail.
MAX_DEPTH = 100


def parse_json(text: str, decoder: json.JSONDecoder | None = None) -> Any:
    """The value of a JSON text.

    Args:
        decoder: Reads the text instead of Python's default, for other types of numbers, or to allow NaN.

    Raises:
        ValueError: if the text is not JSON (NaN is not), is nested too deeply, or has a number with thousands of
            digits.
    """
    try:
        value = json.loads(text, parse_constant=_refuse) if decoder is None else decoder.decode(text)
    except RecursionError:
        raise ValueError(too_deep()) from None
    require_flat(value)
    return value


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number of JSON")


def require_flat(value: Any) -> None:
    """Raise ValueError if lists and mappings are nested more than `MAX_DEPTH` deep.

    Args:
        value: A tree: no part of it may contain itself.
    """
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [
            child
            for parent in level
            if isinstance(parent, dict | list)
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
        if not level:
            return
    raise ValueError(too_deep())


def too_deep() -> str:
    """The message about text that is nested too deeply."""
    return f"nested more than {MAX_DEPTH} deep"
