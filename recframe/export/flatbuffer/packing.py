"""Writes a .tflite file in which equal parts are stored once.

A flatbuffer refers to its parts by their place, so any two may refer to the same bytes. Both signatures compute the
scores with the same operators, which are equal once they stand in the same order.
"""

from __future__ import annotations

import copy
from collections.abc import Hashable
from typing import Any

import flatbuffers
import numpy as np

#: The schema asks for constants that start at a multiple of it, which a kernel may count on.
_ALIGNMENT = 16


class _Builder(flatbuffers.Builder):  # type: ignore[misc]
    """Writes an equal vector or text once."""

    def __init__(self) -> None:
        super().__init__(1 << 20)
        self.vectors: dict[tuple[str, bytes], int] = {}

    def CreateNumpyVector(self, x: np.ndarray) -> int:
        key = (x.dtype.str, x.tobytes())
        if key not in self.vectors:
            if x.dtype == np.uint8:
                self.Prep(_ALIGNMENT, x.size)
            self.vectors[key] = super().CreateNumpyVector(x)
        return self.vectors[key]

    def CreateString(self, s: Any, *args: Any) -> int:
        key = ("text", s if isinstance(s, bytes) else s.encode())
        if key not in self.vectors:
            self.vectors[key] = super().CreateString(s, *args)
        return self.vectors[key]


class _Table:
    """A table of the tree that is written when it is first asked for."""

    def __init__(self, table: Any) -> None:
        self.table, self.place = table, -1

    def Pack(self, builder: _Builder) -> int:
        if self.place < 0:
            self.place = self.table.Pack(builder)
        return self.place


def pack(model: Any) -> bytes:
    """The file of a tree of the schema's objects; the tree is not changed."""
    builder = _Builder()
    builder.Finish(_shared(model, {})[0].Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _shared(value: Any, tables: dict[Hashable, _Table]) -> tuple[Any, Hashable]:
    """The value, in which equal tables are one object, and a key that equal values have."""
    if isinstance(value, np.ndarray):
        return value, (value.dtype.str, value.tobytes())
    if isinstance(value, list) and (not value or isinstance(value[0], int)):
        return _shared(np.array(value, np.int32), tables)
    if isinstance(value, list):
        parts = [_shared(part, tables) for part in value]
        return [part for part, _ in parts], tuple(key for _, key in parts)
    if not hasattr(value, "Pack"):
        return value, value
    shared = {name: _shared(part, tables) for name, part in vars(value).items()}
    key = (type(value).__name__, *((name, part) for name, (_, part) in shared.items()))
    if key not in tables:
        written = copy.copy(value)
        vars(written).update({name: part for name, (part, _) in shared.items()})
        tables[key] = _Table(written)
    return tables[key], id(tables[key])
