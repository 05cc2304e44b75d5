"""A batch of rows that is being read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

if TYPE_CHECKING:
    import numpy as np
    import polars as pl


@frozen(eq=False)
class RowBatch:
    """A batch of rows of a file.

    Attributes:
        frame: The columns of the file; a missing value is null.
        file: The file's name, for messages.
        unit: The unit of the row numbers: `line` or `row`.
        numbers: int64 [rows]; the line or row number of each row, from 1.
        first_texts: For each column of mostly numbers that became text: the position and the value of the first text.
    """

    frame: pl.DataFrame
    file: str
    unit: str
    numbers: np.ndarray
    first_texts: Mapping[str, tuple[str, str]] = field(factory=dict)

    def where(self, at: int) -> str:
        return f"{self.file}, {self.unit} {self.numbers[at]}"


def take(batch: RowBatch, keep: pl.Series) -> RowBatch:
    """The rows of a batch for which `keep`, bool [rows], is true."""
    return evolve(batch, frame=batch.frame.filter(keep), numbers=batch.numbers[keep.to_numpy()])
