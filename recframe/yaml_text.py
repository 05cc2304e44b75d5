"""YAML as a run's folder holds it. An alias, which recframe never writes, is refused: a few lines of them stand for
billions of values (the "billion laughs")."""

from __future__ import annotations

from typing import Any

import yaml

from recframe.json_text import MAX_DEPTH, too_deep


def parse_yaml(text: str) -> Any:
    """The value of a YAML text.

    Raises:
        ValueError: where it is no YAML, holds an alias, is nested too deeply, or holds a number of thousands of digits.
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
