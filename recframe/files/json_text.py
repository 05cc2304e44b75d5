"""JSON from sources that cannot be trusted: every fault is a ValueError, also a text that is nested without end."""

from __future__ import annotations

import json
from typing import Any, NoReturn

#: Lists and objects inside one another; what recframe writes has a tenth. Python itself gives up at about 1,000, where
#: depending on the caller the reading may still succeed and a later walk through the values may not.
MAX_DEPTH = 100


def parse_json(text: str, decoder: json.JSONDecoder | None = None) -> Any:
    """The value of a JSON text.

    Args:
        decoder: What reads it, where numbers are to be something else than Python's, or NaN is one.

    Raises:
        ValueError: where it is not JSON (NaN is not), is nested too deeply, or holds a number of thousands of digits.
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
    """Raise ValueError where lists and mappings stand in one another more than `MAX_DEPTH` deep.

    Args:
        value: A tree: nothing in it may contain itself.
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
    """The message about such a text, in JSON and in other formats."""
    return f"nested more than {MAX_DEPTH} deep"
