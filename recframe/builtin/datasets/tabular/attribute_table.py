"""Reads a table of items or users, with one row per id."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from recframe import DataError, number_of, text_of
from recframe.builtin.datasets.tabular.batch import RowBatch
from recframe.builtin.datasets.tabular.clean import clean_ids, clean_numbers
from recframe.builtin.datasets.tabular.column_types import text_note
from recframe.builtin.datasets.tabular.formats.source import Source
from recframe.builtin.datasets.tabular.ledger import Ledger
from recframe.builtin.datasets.tabular.plan import AttributePlan

if TYPE_CHECKING:
    import polars as pl

_ID, _WHERE, _BATCH = "\0id", "\0where", "\0batch"
_SHOWN = 5


class AttributeTable:
    """A table of attributes in memory.

    Args:
        numbers: The columns in which a value that is not a number is an error or is skipped.

    Attributes:
        what: `item` or `user`, for messages.
        id: The column of the ids.
        source: The first of its sources, which has its name and columns.
        frame: Its rows, one for each id.
    """

    def __init__(self, plan: AttributePlan, numbers: Sequence[str], ledger: Ledger) -> None:
        self.what, self.id, self.source = plan.what, plan.id, plan.sources[0]
        self._numbers, self._ledger = numbers, ledger
        self._batches: list[tuple[str, str]] = []  # the file of each, and the unit of its row numbers
        self.frame = self._read(plan.sources)

    def _read(self, sources: Sequence[Source]) -> pl.DataFrame:
        import polars as pl

        names, frames = list(self.source.columns), []
        for source in sources:
            for batch in source.batches(names, {self.id: False}, self._ledger):
                self._note_first_texts(batch)
                cleaned = clean_numbers(clean_ids(batch, self.id, _ID, self._ledger), self._numbers, self._ledger)
                text = cleaned.frame[_ID].cast(pl.String())
                where = pl.Series(_WHERE, cleaned.numbers), pl.lit(len(self._batches)).alias(_BATCH)
                frames.append(cleaned.frame[names].with_columns(text.alias(_ID), *where))
                self._batches.append((batch.file, batch.unit))
        if not frames:
            raise DataError(f"the {self.what} table {self.source.name} has no rows")
        try:
            frame = pl.concat(frames, how="vertical_relaxed")
        except pl.exceptions.PolarsError as error:
            first = str(error).partition("\n")[0]
            raise DataError(
                f"the {self.what} table: its files have different types in one column: {first}; make the types equal"
            ) from None
        if frame.is_empty():
            left = "; ".join(self._ledger.notes())
            raise DataError(f"the {self.what} table {self.source.name} has no valid row: {left}")
        return self._without_repeats(frame)

    def _without_repeats(self, frame: pl.DataFrame) -> pl.DataFrame:
        again = frame[_ID].is_duplicated() & ~frame[_ID].is_first_distinct()
        if again.any():
            at = again.arg_max() or 0
            self._ledger.bad(
                f"{self._place(frame, at)}, column {self.id}", "occurred before", frame[_ID][at], int(again.sum())
            )
        return frame.filter(~again)

    def _note_first_texts(self, batch: RowBatch) -> None:
        for name, (where, value) in batch.first_texts.items():
            if name not in self._numbers:
                self._ledger.remark(*text_note(f"column {name!r} of {self.source.name}", where, value, decimals=True))

    def place(self, at: int) -> str:
        """The file and the line or row number of a row, for messages."""
        return self._place(self.frame, at)

    def _place(self, frame: pl.DataFrame, at: int) -> str:
        file, unit = self._batches[frame[_BATCH][at]]
        return f"{file}, {unit} {frame[_WHERE][at]}"

    def rows_of(self, ids: np.ndarray, refuse: bool) -> np.ndarray:
        """int64 [ids]: the row of each id, or -1. Ids without a row are an error if `refuse`, and a note otherwise."""
        import polars as pl

        texts = pl.Series(_ID, ids).cast(pl.String()).to_frame()
        rows = texts.join(self.frame.select(_ID).with_row_index("row"), on=_ID, how="left", maintain_order="left")
        row_of_id: np.ndarray = rows["row"].cast(pl.Int64()).fill_null(-1).to_numpy()
        absent = np.flatnonzero(row_of_id < 0)
        if len(absent):
            shown = ", ".join(str(ids[i]) for i in absent[:_SHOWN]) + (", ..." if len(absent) > _SHOWN else "")
            lost = f"{len(absent):,} of {len(ids):,} {self.what}s have no row in {self.source.name}"
            if refuse or len(absent) == len(ids):
                other = f"add the rows, or name another column in dataset.columns.{self.what}_id"
                raise DataError(
                    f"{lost}: {shown}; one of its ids is {self.frame[_ID][0]!r} (column {self.id}); "
                    f"{self._spelling_hint(ids) or other}"
                )
            self._ledger.remarks.append(f"{lost}, so their attributes are empty: {shown}")
        unused = len(self.frame) - (len(ids) - len(absent))
        if unused:
            self._ledger.remarks.append(
                f"{unused:,} {self.what}s of {self.source.name} have no interactions and are left out"
            )
        return row_of_id

    def _spelling_hint(self, ids: np.ndarray) -> str:
        """A hint if an id of the interactions is in the table with another spelling; else empty."""
        spelling = {_normalized(text): text for text in self.frame[_ID]}
        for text in map(text_of, ids.tolist()):
            if (other := spelling.get(_normalized(text), text)) != text:
                return (
                    f"ids are written differently, such as {text!r} and {other!r}: write them in the same way, as text "
                    "or as whole numbers"
                )
        return ""


def _normalized(text: str) -> str:
    """A form of an id without differences in spelling: blanks, letter case, leading zeros, a decimal point."""
    text = text.strip().casefold()
    number = number_of(text)
    return text_of(number) if text and isfinite(number) else text
