"""The ledger counts the rows: each row that is read is kept, skipped or filtered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from attrs import define, field

from recframe import DataError
from recframe.builtin.datasets.tabular.batch import RowBatch, take

if TYPE_CHECKING:
    import polars as pl


def _dotted(option: str) -> str:
    return f"dataset.{option}"


@define
class Ledger:
    """Counts of rows, and remarks for the user.

    Attributes:
        skip: Whether an invalid row is skipped. If not, it is an error.
        option: Returns how the user sets an option of the dataset, for messages; None if the user cannot set it.
        read: The number of rows that were read.
        skipped: The number of invalid rows for each problem.
        filtered: The number of rows that were filtered out for each reason.
        events: The number of events if a row may have several; else None.
        filtered_events: The number of these events that were filtered out for each reason.
        remarks: Other notes for the user.
    """

    skip: bool = False
    option: Callable[[str], str | None] = _dotted
    read: int = 0
    skipped: dict[str, int] = field(factory=dict)
    filtered: dict[str, int] = field(factory=dict)
    events: int | None = None
    filtered_events: dict[str, int] = field(factory=dict)
    remarks: list[str] = field(factory=list)
    _first: dict[str, str] = field(factory=dict)

    def bad(self, where: str, problem: str, value: object, count: int = 1) -> None:
        """Skip an invalid row (or `count` of them), or raise DataError.

        Args:
            where: File, line and column.
            problem: The problem, without the value, so that equal problems are counted together.
            value: The invalid value; None if it is empty.
        """
        row = f"{where}: {short(value)} {problem}"
        if not self.skip:
            on_error = self.option("on_error")
            skipping = f", or set {on_error}=skip" if on_error else ""
            raise DataError(f"{row}; correct or remove it{skipping}")
        self.skipped[problem] = self.skipped.get(problem, 0) + count
        self._first.setdefault(problem, row)

    def remark(self, what: str, more: str = "") -> None:
        """Add a remark unless there is one that begins with `what`. `more` are its details."""
        if not any(line.startswith(what) for line in self.remarks):
            self.remarks.append(what + more)

    def reject(self, batch: RowBatch, bad: pl.Series, column: str, problem: str) -> RowBatch:
        """The batch without invalid rows. `bad`, bool [rows], tells which rows are invalid in the column."""
        if not bad.any():
            return batch
        at = bad.arg_max() or 0
        count = int(bad.sum())
        self.bad(f"{batch.where(at)}, column {column}", problem, batch.frame[column][at], count)
        return take(batch, ~bad)

    def filter(self, batch: RowBatch, keep: pl.Series, reason: str) -> RowBatch:
        """The batch without the rows that a filter does not keep."""
        self.leave_out(reason, int((~keep).sum()))
        return batch if keep.all() else take(batch, keep)

    def leave_out(self, reason: str, count: int) -> None:
        filtered = self.filtered if self.events is None else self.filtered_events
        if count:
            filtered[reason] = filtered.get(reason, 0) + count

    def tell_events(self, what: str, events: int) -> None:
        """Count events instead of rows from now on. `events` is the number of events in the kept rows."""
        self.events = events
        self.remark(f"{what}: {self.kept:,} rows have {events:,} events")

    @property
    def kept(self) -> int:
        return self.read - sum(self.skipped.values()) - sum(self.filtered.values())

    def notes(self) -> Sequence[str]:
        """The remarks, and a line for each reason why rows or events were skipped or left out."""
        lines = [
            f"{count:,} of {self.read:,} rows were skipped{', the first' if count > 1 else ''}: {self._first[problem]}"
            for problem, count in self.skipped.items()
        ]
        lines += [f"{count:,} of {self.read:,} rows were left out: {why}" for why, count in self.filtered.items()]
        lines += [
            f"{count:,} of {self.events:,} events were left out: {why}" for why, count in self.filtered_events.items()
        ]
        return (*dict.fromkeys(self.remarks), *lines)


def short(value: object) -> str:
    """A value for a message, at most 80 characters."""
    plain = value.to_list() if hasattr(value, "to_list") else value  # a list, as Polars has it
    text = "an empty value" if plain is None else repr(plain)
    return text if len(text) <= 80 else text[:77] + "..."
