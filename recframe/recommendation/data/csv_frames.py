"""A csv file as a frame whose words are as they are written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from recframe.builtin.datasets.tabular.column_types import WHOLE

if TYPE_CHECKING:
    import polars as pl


def read_csv(path: Path, mapping: Mapping[str, str]) -> pl.DataFrame:
    """The rows, all columns as text but those of whole numbers that read back as they are written, and the time.

    A feature that takes numbers makes them of the text itself: for a vocabulary, 1.10 is not 1.1.

    Raises:
        OSError, polars.exceptions.PolarsError: Where the file cannot be read.
    """
    import polars as pl

    frame = pl.read_csv(path, infer_schema=False)
    whole = [column.cast(pl.Int64(), strict=False) for column in frame if column.str.contains(WHOLE).all()]
    frame = frame.with_columns(numbers for numbers in whole if numbers.null_count() == frame[numbers.name].null_count())
    time = mapping.get("timestamp", "timestamp")
    if time in frame.columns and frame[time].dtype == pl.String():
        seconds = frame[time].cast(pl.Float64(), strict=False)
        if seconds.null_count() == frame[time].null_count():
            frame = frame.with_columns(seconds)
    return frame
