"""Quotes the values that Hydra's grammar cannot read, such as `dataset.separator=;`, so that they become plain text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException

from recframe.errors import SpecError
from recframe.errors.shell import hydra_value
from recframe.files.json_text import MAX_DEPTH, too_deep
from recframe.plugin.provider import normalised_choice

_KEY_AND_VALUE = re.compile(r"(\+{0,2}[A-Za-z_][\w.]*)=(.+)", re.ASCII | re.DOTALL)
#: NAME@DISTRIBUTION, a component of one distribution: `encoder=tiny@recframe-mine`.
_CHOICE = re.compile(r"[a-z][a-z0-9_]*@[A-Za-z0-9][\w.-]*", re.ASCII)
#: The first character of a list, a mapping, a quoted text or a sweep. If one of these is wrong, Hydra explains why.
_OPENING = tuple("[{('\"")


def with_plain_values(overrides: Sequence[str]) -> list[str]:
    """The overrides. A value that Hydra cannot read is put into Hydra's quotes.

    >>> with_plain_values(["train.epochs=3", "dataset.path=it's in café/a=b.csv"])
    ['train.epochs=3', 'dataset.path="it\\'s in café/a=b.csv"']
    """
    parser = OverridesParser.create()
    return [_with_plain_value(text, parser) for text in overrides]


def _depth(text: str) -> int:
    """The depth of nested brackets. Brackets in quotes count too, since no real value has so many."""
    depth = deepest = 0
    for character in text:
        depth += (character in "[{(") - (character in "]})")
        deepest = max(deepest, depth)
    return deepest


def _with_plain_value(text: str, parser: OverridesParser) -> str:
    parts = _KEY_AND_VALUE.fullmatch(text)
    if parts is not None and _CHOICE.fullmatch(parts[2]):
        return f"{parts[1]}={normalised_choice(parts[2])}"  # a config group has one name for each choice
    if _depth(text) > MAX_DEPTH:  # Hydra's parser is recursive
        raise SpecError(f"{text[:60]}...: {too_deep()}")
    if parts is None:
        return text
    try:
        parser.parse_override(text)
    except ValueError as error:  # a number with thousands of digits
        raise SpecError(f"{text[:60]}...: {error}") from None
    except HydraException:
        if parts[2].startswith(_OPENING):
            return text
        return f"{parts[1]}={hydra_value(parts[2])}"
    return text
