"""YAML as a run's folder holds it. An alias, which recframe never writes, is refused: a few lines of them stand for
billions of values (the "billion laughs")."""

from __future__ import annotations

import re
from typing import Any

import yaml

from recframe.files.json_text import MAX_DEPTH, too_deep

#: Values that a config file may hold, its aliases written out; recframe's own have some hundred.
MAX_VALUES = 100_000
#: Digits of a number; Python reads no more than 4,300.
MAX_DIGITS = 1_000
_NUMBER = re.compile(r"[\d_.:+-]+")


def parse_yaml(text: str) -> Any:
    """The value of a YAML text.

    Raises:
        ValueError: if it is not YAML, holds an alias, is nested too deeply, or holds a number of thousands of digits.
    """
    try:
        _require_plain(text)
        return yaml.safe_load(text)
    except RecursionError:
        raise ValueError(too_deep()) from None
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None
    except (TypeError, OverflowError, AttributeError) as error:  # PyYAML's own, of keys and dates that cannot be
        raise ValueError(f"{type(error).__name__}: {error}") from None


def _require_plain(text: str) -> None:
    """Look at the text piece by piece, and go no further than what is wrong: PyYAML takes the square of the depth."""
    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            line = f"line {event.start_mark.line + 1}: " if event.start_mark else ""
            raise ValueError(f"{line}the alias *{event.anchor} is not allowed; write the value out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise ValueError(too_deep())


def require_small(text: str) -> None:
    """Raise ValueError where a YAML text would be too much to read: unlike `parse_yaml`, it may hold aliases.

    Text that is not YAML passes: its reader will say what is wrong.
    """
    sizes: dict[str, int] = {}  # of what has an anchor
    collections = [("", 0)]  # the anchor of each one that is open, and how many values it holds so far
    try:
        for event in yaml.parse(text, yaml.SafeLoader):
            if isinstance(event, yaml.CollectionStartEvent):
                collections.append((event.anchor or "", 0))
                if len(collections) > MAX_DEPTH:
                    raise ValueError(too_deep())
                continue
            if isinstance(event, yaml.CollectionEndEvent):
                anchor, size = collections.pop()
            elif isinstance(event, yaml.AliasEvent):
                anchor, size = "", sizes.get(event.anchor or "", 1)
            elif isinstance(event, yaml.ScalarEvent):
                anchor, size = event.anchor or "", 1
                if len(event.value) > MAX_DIGITS and _NUMBER.fullmatch(event.value):
                    raise ValueError(f"holds a number of {len(event.value):,} digits; at most {MAX_DIGITS:,} are read")
            else:
                continue
            sizes[anchor] = size
            collections[-1] = (collections[-1][0], collections[-1][1] + size)
            if collections[-1][1] > MAX_VALUES:
                raise ValueError(f"its aliases stand for more than {MAX_VALUES:,} values; write fewer")
    except (yaml.YAMLError, RecursionError):
        return
