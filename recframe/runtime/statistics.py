"""Rules of a manifest that JSON Schema cannot express."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from recframe.runtime.encoding import TIME_SIZES, TIME_SOURCES


def contradictions(manifest: Mapping[str, Any]) -> Iterator[str]:
    """The entries of a manifest that fit the schema but cannot be right, a line for each.

    A reader that used such entries would give wrong answers without an error.
    """
    for place, entry in enumerate(manifest["inputs"]):
        where = f"inputs.{place} ({entry['name']!r})"
        edges = entry["statistics"].get("edges", [])
        if any(later <= earlier for earlier, later in itertools.pairwise(edges)):
            yield f"{where}: statistics.edges do not rise"
        if entry["role"] == "feature" and entry["scope"] is None:
            yield f"{where}: a feature's scope cannot be null"
        if entry["scope"] == "history" and entry["steps"] is None:
            yield f"{where}: steps cannot be null where the scope is history"
        if entry["scope"] == "now":
            yield from (f"{where}: {fault}" for fault in _moment_faults(entry))
    names = [entry["name"] for entry in manifest["inputs"]]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        yield f"inputs: {', '.join(twice)}: described twice"


def _moment_faults(entry: Mapping[str, Any]) -> Iterator[str]:
    source = entry["source"]
    if source not in TIME_SOURCES:
        yield f"source {source!r} is not known of the moment of asking"
    if entry["values"] != "one":
        yield "the moment of asking has one value"
    if source not in TIME_SIZES and entry.get("default") is None:
        yield "default cannot be null: the history may have no times"
