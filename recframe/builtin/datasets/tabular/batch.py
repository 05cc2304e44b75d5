"""Rows on their way in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

if TYPE_CHECKING:
    import numpy as np
    import polars as pl


@frozen(eq=False)
class RowBatch:
    """Some rows of a file.

    Attributes:
        frame: The columns as the file has them; no value is null.
        file: The file's name, for messages.
        unit: How the file's rows are counted: `line` or `row`.
        numbers: int64 [rows]; the line or row of each, from 1.
        odd: By column whose values are text for the sake of a few, though most are numbers: where the first of these
            is, and what.
    """

    frame: pl.DataFrame
    file: str
    unit: str
    numbers: np.ndarray
    odd: Mapping[str, tuple[str, str]] = field(factory=dict)

    def where(self, at: int) -> str:
        return f"{self.file}, {self.unit} {self.numbers[at]}"


def take(batch: RowBatch, keep: pl.Series) -> RowBatch:
    """The rows of a batch that are kept, bool [rows]."""
    return evolve(batch, frame=batch.frame.filter(keep), numbers=batch.numbers[keep.to_numpy()])
