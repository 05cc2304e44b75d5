"""The book that is kept of the rows: every row read is kept, skipped or filtered."""

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
    """What became of the rows.

    Attributes:
        skip: Whether a row that cannot be used is skipped; else it is an error.
        option: How the user sets an option of the dataset; None where this user cannot.
        read: Rows met.
        skipped: Rows that cannot be used, by the reason.
        filtered: Rows that a filter left out, by the reason.
        events: Where rows give several events, how many they gave; None where each gives one.
        filtered_events: Of these, those that a filter left out, by the reason.
        remarks: What else the user must be told.
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
        """Skip a row (or `count` of them), or raise DataError for it.

        Args:
            where: File, line and column.
            problem: What is wrong, without the value, so that equal problems are counted together.
            value: What is there; None for an empty value.
        """
        row = f"{where}: {short(value)} {problem}"
        if not self.skip:
            on_error = self.option("on_error")
            skipping = f", or set {on_error}=skip" if on_error else ""
            raise DataError(f"{row}; correct or remove it{skipping}")
        self.skipped[problem] = self.skipped.get(problem, 0) + count
        self._first.setdefault(problem, row)

    def remark(self, what: str, more: str = "") -> None:
        """Tell the user something, once: equal things with what the first of them says more."""
        if not any(line.startswith(what) for line in self.remarks):
            self.remarks.append(what + more)

    def reject(self, batch: RowBatch, bad: pl.Series, column: str, problem: str) -> RowBatch:
        """The batch without the rows that are bad, bool [rows], in a column."""
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


def short(value: object) -> str:
    """A value for a message."""
    plain = value.to_list() if hasattr(value, "to_list") else value  # a list, as Polars has it
    text = "an empty value" if plain is None else repr(plain)
    return text if len(text) <= 80 else text[:77] + "..."
