"""Converts plain values to google.protobuf.Struct and back. Values that a Struct cannot hold exactly are refused."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from google.protobuf.struct_pb2 import NULL_VALUE, Struct, Value

from recframe.errors import Problem
from recframe.spec.structure import Problems, collect

LARGEST = 2**53  # above it, not every integer is a double


def require_writable(value: Any) -> None:
    """Raise `Problems` with the path of each value that a message cannot hold."""
    problems = Problems()
    if isinstance(value, Mapping):
        for key, item in value.items():
            with collect(problems, str(key)):
                if not isinstance(key, str):
                    raise Problems(Problem(f"the keys of a message are texts, got {key!r}"))
                require_writable(key)
                require_writable(item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            with collect(problems, str(index)):
                require_writable(item)
    elif (reason := _unwritable(value)) is not None:
        problems.add((), f"{value!r} cannot be written to a message: {reason}")
    problems.raise_if_any()


def _unwritable(value: Any) -> str | None:
    if isinstance(value, str):
        return None if _is_utf8(value) else "not UTF-8"
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return None if abs(value) <= LARGEST else "its numbers are exact up to 2^53"
    if isinstance(value, float):
        return None if math.isfinite(value) else "its numbers are finite"
    return "neither text, a number, true, false, null, a list nor a mapping"


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def fill_struct(struct: Struct, values: Mapping[str, Any]) -> None:
    """Put plain values into a Struct."""
    for key, value in values.items():
        _fill(struct.fields[key], value)


def _fill(target: Value, value: Any) -> None:
    if value is None:
        target.null_value = NULL_VALUE
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, int | float):
        target.number_value = value
    elif isinstance(value, str):
        target.string_value = value
    elif isinstance(value, Mapping):
        target.struct_value.SetInParent()  # writes an empty mapping too
        fill_struct(target.struct_value, value)
    else:
        target.list_value.SetInParent()
        for item in value:
            _fill(target.list_value.values.add(), item)


def from_struct(struct: Struct) -> dict[str, Any]:
    """The values of a Struct. Doubles without a fraction become integers, which options of type float accept too."""
    return {key: _plain(value) for key, value in struct.fields.items()}


def _plain(value: Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return from_struct(value.struct_value)
    if kind == "list_value":
        return [_plain(item) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        negative_zero = number == 0 and math.copysign(1, number) < 0
        whole = abs(number) <= LARGEST and number.is_integer() and not negative_zero
        return int(number) if whole else number
    return None if kind in (None, "null_value") else getattr(value, kind)
