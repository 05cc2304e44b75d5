"""Raw values to one input of the model, as training made it: ids by the vocabulary, numbers by the statistics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from recframe.encoding import bucket_ids, hashed_id, scaled
from recframe.runtime.answers import BundleError


def make_input(spec: Mapping[str, Any], ids: Mapping[str, int], zero: str, values: Sequence[Any]) -> np.ndarray:
    """An input in the manifest's shape and dtype.

    Args:
        spec: The manifest's entry.
        ids: Id of each text of the vocabulary; empty for numbers.
        zero: The text that stands for unknown.
        values: One for each step, oldest first, lists where a step has several, None where nothing is known; or that of
            the user alone.
    """
    if spec["scope"] != "user":
        values = values[-spec["steps"] :]
    result = np.zeros(spec["shape"], spec["dtype"])
    if spec["values"] == "pooled":
        cells = result.reshape(-1, result.shape[-1])  # a view, with or without a batch dimension
    else:
        cells = result.reshape(1, -1)
        values = [[value for several in values for value in several or ()] if spec["values"] == "flattened" else values]
    for cell, several in zip(cells, values, strict=False):
        codes = [_code(spec, ids, zero, value) for value in (several or ())[: len(cell)]]
        cell[: len(codes)] = codes
    return result


def _number(spec: Mapping[str, Any], value: Any) -> np.ndarray:
    """float64 [1]."""
    try:
        number = np.array([float(value)])
    except (TypeError, ValueError):
        number = np.array([np.nan])
    if not np.isfinite(number).all():
        raise BundleError(f"input {spec['name']!r}: {value!r} is no finite number")
    return number


def _code(spec: Mapping[str, Any], ids: Mapping[str, int], zero: str, value: Any) -> float:
    """0 for what is not known."""
    statistics = spec.get("statistics", {})
    if value is None:
        return 0
    if "edges" in statistics:
        return int(bucket_ids(_number(spec, value), statistics)[0])
    if not spec["vocabulary"]:
        return float(scaled(_number(spec, value), statistics)[0])
    text = str(value)
    found = ids.get(text, 0)
    outside = not found and text not in ("", zero)
    return hashed_id(text, statistics) if outside or found >= statistics.get("hash_from", found + 1) else found
