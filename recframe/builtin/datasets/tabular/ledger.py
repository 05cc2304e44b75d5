"""Rows on their way in, and the book that is kept of them: every row read is kept, skipped or filtered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import define, evolve, field, frozen

from recframe.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import polars as pl


@frozen(eq=False)
class Batch:
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


@define
class Ledger:
    """What became of the rows.

    Attributes:
        skip: Whether a row that cannot be used is skipped; else it is an error.
        read: Rows met.
        skipped: Rows that cannot be used, by the reason.
        filtered: Rows that a filter left out, by the reason.
        events: Where rows give several events, how many they gave; None where each gives one.
        filtered_events: Of these, those that a filter left out, by the reason.
        remarks: What else the user must be told.
    """

    skip: bool = False
    read: int = 0
    skipped: dict[str, int] = field(factory=dict)
    filtered: dict[str, int] = field(factory=dict)
    events: int | None = None
    filtered_events: dict[str, int] = field(factory=dict)
    remarks: list[str] = field(factory=list)
    _first: dict[str, str] = field(factory=dict)

    def bad(self, where: str, problem: str, value: object, count: int = 1) -> None:
        """Skip a row (or `count` of them), or raise DataError for it.

        Args:
            where: File, line and column.
            problem: What is wrong, without the value, so that equal problems are counted together.
            value: What is there; None for an empty value.
        """
        told = f"{where}: {short(value)} {problem}"
        if not self.skip:
            raise DataError(f"{told}; correct or remove it, or set dataset.on_error=skip")
        self.skipped[problem] = self.skipped.get(problem, 0) + count
        self._first.setdefault(problem, told)

    def remark(self, what: str, more: str = "") -> None:
        """Tell the user something, once: equal things with what the first of them says more."""
        if not any(line.startswith(what) for line in self.remarks):
            self.remarks.append(what + more)

    def reject(self, batch: Batch, bad: pl.Series, column: str, problem: str) -> Batch:
        """The batch without the rows that are bad, bool [rows], in a column."""
        if not bad.any():
            return batch
        at = bad.arg_max() or 0
        count = int(bad.sum())
        self.bad(f"{batch.where(at)}, column {column}", problem, batch.frame[column][at], count)
        return take(batch, ~bad)

    def filter(self, batch: Batch, keep: pl.Series, reason: str) -> Batch:
        """The batch without the rows that a filter does not keep."""
        self.leave_out(reason, int((~keep).sum()))
        return batch if keep.all() else take(batch, keep)

    def leave_out(self, reason: str, count: int) -> None:
        filtered = self.filtered if self.events is None else self.filtered_events
        if count:
            filtered[reason] = filtered.get(reason, 0) + count

    def tell_events(self, what: str, events: int) -> None:
        """From here on events are left out, no rows: those that are kept gave as many."""
        self.events = events
        self.remark(f"{what}: {self.kept:,} rows gave {events:,} events")

    @property
    def kept(self) -> int:
        return self.read - sum(self.skipped.values()) - sum(self.filtered.values())

    def notes(self) -> Sequence[str]:
        """What was skipped and left out, one line a reason."""
        lines = [
            f"{count:,} of {self.read:,} rows were skipped{', the first' if count > 1 else ''}: {self._first[problem]}"
            for problem, count in self.skipped.items()
        ]
        lines += [f"{count:,} of {self.read:,} rows were left out: {why}" for why, count in self.filtered.items()]
        lines += [
            f"{count:,} of {self.events:,} events were left out: {why}" for why, count in self.filtered_events.items()
        ]
        return (*dict.fromkeys(self.remarks), *lines)


def take(batch: Batch, keep: pl.Series) -> Batch:
    """The rows of a batch that are kept, bool [rows]."""
    return evolve(batch, frame=batch.frame.filter(keep), numbers=batch.numbers[keep.to_numpy()])


def short(value: object) -> str:
    """A value for a message."""
    plain = value.to_list() if hasattr(value, "to_list") else value  # a list, as Polars has it
    text = "an empty value" if plain is None else repr(plain)
    return text if len(text) <= 80 else text[:77] + "..."
