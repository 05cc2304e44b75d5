"""Checks a manifest against manifest.schema.json, without a library.

The check knows only the keywords of JSON Schema that this schema uses. The tests compare it with the `jsonschema`
library.
"""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


@functools.cache
def manifest_schema() -> dict[str, Any]:
    """The JSON Schema of manifest.json, draft 2020-12."""
    schema: dict[str, Any] = json.loads(Path(__file__).with_name("manifest.schema.json").read_text(encoding="utf-8"))
    return schema


def problems(value: Any, schema: Mapping[str, Any] | None = None, where: str = "") -> Iterator[str]:
    """The mistakes of a manifest, a line for each place: `inputs.0.dtype: 'int64' is not one of ...`.

    Args:
        value: The manifest, or a part of it.
        schema: The part's schema; None: that of the manifest.
    """
    rules = manifest_schema() if schema is None else schema
    if "$ref" in rules:
        rules = manifest_schema()["$defs"][rules["$ref"].rpartition("/")[2]]
    place = f"{where}: " if where else ""
    if "anyOf" in rules:
        if all(any(problems(value, choice, where)) for choice in rules["anyOf"]):
            yield f"{place}{_short(value)} does not have an allowed form"
        return
    if "type" in rules and not _is(value, rules["type"]):
        yield f"{place}expected {rules['type']}, got {_short(value)}"
        return
    if "enum" in rules and value not in rules["enum"]:
        yield f"{place}{_short(value)} is not one of {', '.join(map(repr, rules['enum']))}"
    if isinstance(value, str) and not re.search(rules.get("pattern", ""), value):
        yield f"{place}{_short(value)} does not match {rules['pattern']}"
    if isinstance(value, float) and not math.isfinite(value):
        yield f"{place}{value} is not a finite number"
    elif isinstance(value, int | float):
        if value < rules.get("minimum", value):
            yield f"{place}{value} is less than {rules['minimum']}"
        if value <= rules.get("exclusiveMinimum", -math.inf):
            yield f"{place}{value} is not more than {rules['exclusiveMinimum']}"
    if isinstance(value, dict):
        for name in rules.get("required", ()):
            if name not in value:
                yield f"{place}{name!r} is missing"
        for name, others in rules.get("dependentRequired", {}).items():
            for other in others if name in value else ():
                if other not in value:
                    yield f"{place}{other!r} is missing beside {name!r}"
        named, unnamed = rules.get("properties", {}), rules.get("additionalProperties", {})
        for name, part in value.items():
            yield from problems(part, named.get(name, unnamed), f"{where}.{name}" if where else name)
    if isinstance(value, list):
        if len(value) < rules.get("minItems", 0):
            yield f"{place}has {len(value)} entries, fewer than {rules['minItems']}"
        for place_in_list, part in enumerate(value):
            yield from problems(part, rules.get("items", {}), f"{where}.{place_in_list}")


def _is(value: Any, kind: str) -> bool:
    """Whether a value has a type of JSON, where true is not a number, as it is in Python."""
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
