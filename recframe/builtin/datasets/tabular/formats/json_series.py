"""Converts JSON values to columns: to a suitable type if no text changes by it, else to text."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from recframe import DataError, text_of
from recframe.builtin.datasets.tabular.formats.json_object import NumberWithText
from recframe.builtin.datasets.tabular.formats.text import TextFile

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

_WHOLE, _UNSIGNED = 1 << 63, 1 << 64  # the first numbers beyond int64 and beyond uint64
_EXACT = 1 << 53  # from here on, several whole numbers have the same float
_KINDS: dict[type, str] = {int: "number", float: "number", NumberWithText: "number", str: "text"}


def refuse_mixed_ids(text: TextFile, name: str, values: list[Any], lines: np.ndarray, in_lists: bool) -> None:
    """Raise DataError if ids, which may be in lists, are neither all text nor all numbers."""
    ids = [(value, line) for value, line in zip(values, lines, strict=True) if value is not None]
    if in_lists and _has_lists(values):
        bare = next((line for value, line in ids if isinstance(value, str)), None)
        if bare is not None:
            raise DataError(
                f"{text}, line {bare}, column {name}: there are both text and lists of ids; make all of them lists"
            )
        lists = [(value if isinstance(value, list) else [value], line) for value, line in ids]
        ids = [(item, line) for items, line in lists for item in items if item is not None]
    kinds = [_KINDS.get(type(value), "other") for value, _ in ids]
    for (value, line), kind in zip(ids, kinds, strict=True):
        if kind == "other":
            raise DataError(
                f"{text}, line {line}, column {name}: {value!r:.80} is {_name(value)}, not an id; make ids text or "
                "whole numbers"
            )
        if kind != kinds[0]:
            raise DataError(
                f"{text}, line {line}, column {name}: mixed id types: {value!r:.80} among ids such as "
                f"{ids[0][0]!r:.80}; write all of them as text, or all as whole numbers"
            )


def to_id_series(name: str, values: list[Any], in_lists: bool) -> pl.Series:
    """A column of ids or lists of ids, all text or all numbers. Different forms of a number are the same id."""
    return _id_lists(name, values) if in_lists and _has_lists(values) else _plain_ids(name, values)


def _name(value: Any) -> str:
    return {dict: "an object", list: "a list", bool: "a truth value"}.get(type(value), "neither text nor number")


def _has_lists(values: list[Any]) -> bool:
    return any(isinstance(value, list) for value in values)


def _id_lists(name: str, values: list[Any]) -> pl.Series:
    """Lists of ids of one type. A single value becomes a list; a null in a list stays, and a later check rejects it."""
    import polars as pl

    lists = [value if isinstance(value, list) else [] if value is None else [value] for value in values]
    kinds = {type(item) for items in lists for item in items} - {type(None)}
    if kinds == {int} and all(item is None or -_WHOLE <= item < _WHOLE for items in lists for item in items):
        return pl.Series(name, lists, pl.List(pl.Int64()))
    number = bool(kinds) and kinds <= {int, float, NumberWithText} and kinds != {int}
    convert: Callable[[Any], Any] = float if number else str
    return pl.Series(
        name,
        [[None if item is None else convert(item) for item in items] for items in lists],
        pl.List(pl.Float64() if number else pl.String()),
    )


def first_text_among_numbers(values: list[Any]) -> int | None:
    """The index of the first text among values that are mostly numbers, which makes all of them text; else None."""
    kinds = Counter(map(type, values))
    if not kinds[str] or kinds[int] + kinds[float] + kinds[NumberWithText] < kinds[str]:
        return None
    return next(at for at, value in enumerate(values) if type(value) is str)


def _plain_ids(name: str, values: list[Any]) -> pl.Series:
    """A column of ids that are all text or all numbers. Different forms of a number are the same id."""
    import polars as pl

    ids = [value for value in values if value is not None]
    if any(isinstance(value, float) for value in ids) and all(abs(value) < _WHOLE for value in ids):
        return pl.Series(name, [None if value is None else float(value) for value in values], pl.Float64())
    if ids and all(type(value) is int for value in ids):
        low, high = min(ids), max(ids)
        if low >= -_WHOLE and high < _WHOLE:
            return pl.Series(name, values, pl.Int64())
        return pl.Series(name, values, pl.UInt64() if low >= 0 and high < _UNSIGNED else pl.Object())
    return pl.Series(name, [None if value is None else _text(value) for value in values], pl.String())


def to_series(name: str, values: list[Any]) -> pl.Series:
    """A column of a suitable type if no text changes by it; otherwise a column of texts."""
    import polars as pl

    kinds = {type(value) for value in values} - {type(None)}
    if kinds == {bool}:
        return pl.Series(name, values, pl.Boolean())
    if kinds == {int} and _all_below(values, _WHOLE):
        return pl.Series(name, values, pl.Int64())
    if kinds in ({float}, {int, float}) and _all_below(values, _EXACT):
        return pl.Series(name, [v if v is None else float(v) for v in values], pl.Float64())
    if kinds == {list}:
        inner = {type(item) for value in values if value for item in value}
        if inner == {int} and all(_all_below(value, _WHOLE) for value in values if value):
            return pl.Series(name, values, pl.List(pl.Int64()))
        texts = [v if v is None else [_text(item) for item in v if item is not None] for v in values]
        return pl.Series(name, texts, pl.List(pl.String()))
    return pl.Series(name, [None if value is None else _text(value) for value in values], pl.String())


def _all_below(values: list[Any], limit: int) -> bool:
    """Whether all whole numbers among the values are at least -limit and below limit."""
    return all(-limit <= value < limit for value in values if type(value) is int)


def _text(value: Any) -> str:
    if isinstance(value, NumberWithText):
        return value.text
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else text_of(value)
