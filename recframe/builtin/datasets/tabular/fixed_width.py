"""Limits the length of texts. NumPy arrays of text have a fixed width, so one long text makes all entries long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recframe import DataError

if TYPE_CHECKING:
    import polars as pl

LONGEST = 1000  # characters of a text or an id
ROOM = 1 << 32  # bytes that the texts of one column may take
_CHARACTER = 4  # bytes, in NumPy


def truncate(texts: pl.Series, longest: int = LONGEST) -> tuple[pl.Series, int]:
    """Truncate long texts; returns the texts and the number of truncated ones. NUL, which NumPy drops, is removed."""
    if texts.str.contains("\0", literal=True).any():
        texts = texts.str.replace_all("\0", "", literal=True)
    if (texts.str.len_bytes().max() or 0) <= longest:  # type: ignore[operator]
        return texts, 0
    long = texts.str.len_chars() > longest
    return texts.str.slice(0, longest), int(long.sum())


def length_limit(rows: int) -> int:
    """The longest text that is allowed if `rows` texts are in memory, in a few copies."""
    return max(1, min(LONGEST, ROOM // (4 * _CHARACTER * max(rows, 1))))


def fits(texts: pl.Series) -> bool:
    """Whether an array of the texts is small enough."""
    return _width(texts) * len(texts) * _CHARACTER <= ROOM


def as_array(texts: pl.Series, what: str) -> np.ndarray:
    """str [texts]. Raises DataError if the array would be too large; `what` is the column, for messages."""
    if not fits(texts):
        raise DataError(
            f"{what}: {len(texts):,} different texts of up to {_width(texts):,} characters need more than "
            f"{ROOM / 2**30:.0f} GiB; shorten them, or, if no feature reads the column, leave it out: name only the "
            "columns that are needed in dataset.extra"
        )
    return np.array(texts.to_list(), dtype=str)


def _width(texts: pl.Series) -> int:
    return int(texts.str.len_chars().max() or 0)  # type: ignore[arg-type]


def truncation_note(column: str, where: str, count: int, longest: int) -> str:
    return f"column {column!r}{where}: {count:,} texts of more than {longest:,} characters are truncated"
