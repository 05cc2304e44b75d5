"""What a message proposes, written so that it can be pasted into a shell as it stands."""

from __future__ import annotations

import re
import shlex

_PLAIN = re.compile(r"[A-Za-z_./][\w./-]*")
_WORDS = ("null", "true", "false", "nan", "inf")  # what Hydra does not take for text


def override(key: str, value: object) -> str:
    """A Hydra override, `key=value`, quoted for the shell where that is needed.

    >>> print(override("dataset.separator", ";"))
    'dataset.separator=";"'
    >>> print(override("dataset.header", False))
    dataset.header=false
    """
    return shlex.quote(f"{key}={_hydra(value)}")


def _hydra(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_hydra, value)) + "]"
    if not isinstance(value, str):
        return str(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    escaped = re.sub(r'(\\*)"', r'\1\1\\"', value)  # a backslash means itself, but before a quotation mark
    ending = re.search(r"\\*$", escaped)
    return '"' + escaped + (ending[0] if ending else "") + '"'
