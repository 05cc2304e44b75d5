"""Reads YAML from untrusted sources.

An alias stands for a value that is written elsewhere. With nested aliases a few lines stand for billions of values (the
"billion laughs" attack). recframe never writes an alias, so `parse_yaml` refuses them.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from recframe.files.json_text import MAX_DEPTH, too_deep

#: The most values in a config file, with its aliases expanded. recframe's own files have some hundred.
MAX_VALUES = 100_000
#: The most digits of a number. Python reads at most 4,300.
MAX_DIGITS = 1_000
_NUMBER = re.compile(r"[\d_.:+-]+")


def parse_yaml(text: str) -> Any:
    """The value of a YAML text.

    Raises:
        ValueError: if it is not YAML, has an alias, is nested too deeply, or has a number with thousands of digits.
    """
    try:
        _require_plain(text)
        return yaml.safe_load(text)
    except RecursionError:
        raise ValueError(too_deep()) from None
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None
    except (TypeError, OverflowError, AttributeError) as error:  # from PyYAML, for impossible keys and dates
        raise ValueError(f"{type(error).__name__}: {error}") from None


def _require_plain(text: str) -> None:
    """Check the text event by event, and stop at a mistake, since PyYAML's time grows with the square of the depth."""
    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            line = f"line {event.start_mark.line + 1}: " if event.start_mark else ""
            raise ValueError(f"{line}the alias *{event.anchor} is not allowed; write the value out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise ValueError(too_deep())


def require_small(text: str) -> None:
    """Raise ValueError if a YAML text stands for too many values. Unlike `parse_yaml` this allows aliases.

    Text that is not YAML passes, since its reader will report the mistake.
    """
    sizes: dict[str, int] = {}  # number of values under each anchor
    collections = [("", 0)]  # of each open collection its anchor, and its number of values so far
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
