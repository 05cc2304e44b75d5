"""Bits that turn over, as on a worn disk or a bad line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def flipped(content: bytes, bit: int) -> bytes:
    """The content with one bit turned over, counted from the first byte's lowest."""
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def every_eighth_bit(content: bytes) -> Iterator[int]:
    """One bit of each byte, another one from byte to byte."""
    yield from (8 * byte + byte % 8 for byte in range(len(content)))


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
