"""Kinds of event: which rows have one of those that count, whatever the format writes a kind as."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from recframe import DataError, nearest, number_of, override, text_of
from recframe.builtin.datasets.tabular.batch import RowBatch
from recframe.builtin.datasets.tabular.column_types import DECIMAL, as_text, plain
from recframe.builtin.datasets.tabular.ledger import Ledger

if TYPE_CHECKING:
    import polars as pl

_SHOWN = 10


def event_texts(batch: RowBatch, column: str) -> pl.Series:
    """String [rows]: the kind of each event, empty where there is none. Raises DataError for lists and the like."""
    values = plain(batch.frame[column])
    if values is None:
        kind = batch.frame[column].dtype
        raise DataError(f"{batch.file}, column {column}: kinds of event are {kind}; make them text")
    return as_text(values).fill_null("")


class EventKinds:
    """The kinds that count, and how many rows there were of each kind.

    Args:
        wanted: As the option names them; none: every kind counts.
    """

    def __init__(self, wanted: Iterable[object]) -> None:
        self._wanted = {_meaning(text_of(kind)): text_of(kind) for kind in wanted}
        self._counts: Counter[str] = Counter()

    def keep(self, batch: RowBatch, events: pl.Series, ledger: Ledger) -> RowBatch:
        """The rows of a batch whose kind counts."""
        if not self._wanted:
            return batch
        counted = events.value_counts(name="\0count").rows()
        self._counts.update(dict(counted))
        kept = [kind for kind, _ in counted if _meaning(kind) in self._wanted]
        return ledger.filter(batch, events.is_in(kept), f"the event is none of {', '.join(self._wanted.values())}")

    def missing_note(self, column: str) -> str:
        """Which kinds that are wanted no row has, and which there are; empty where each has some."""
        present = {_meaning(kind) for kind in self._counts}
        missing = [text for meaning, text in self._wanted.items() if meaning not in present]
        if not missing or not self._counts:
            return ""
        near = nearest(missing[0], self._counts, any_case=True)
        example = override("dataset.event_types", [near or self._by_count()[0][0]])
        hint = f"the nearest is {near!r}, as in {example}" if near else f"name some of them, as in {example}"
        names = " or ".join(map(repr, missing))
        return f"dataset.event_types: no row has {names} in column {column!r}: {self._listed()}; {hint}"

    def _by_count(self) -> list[tuple[str, int]]:
        return sorted(self._counts.items(), key=lambda pair: (-pair[1], pair[0]))

    def _listed(self) -> str:
        shown = [f"{kind or 'none'} ({count:,})" for kind, count in self._by_count()[:_SHOWN]]
        more = f" and {len(self._counts) - _SHOWN:,} more" if len(self._counts) > _SHOWN else ""
        return f"there are {', '.join(shown)}{more}"


def _meaning(kind: str) -> object:
    """What the writings of a kind in several formats have in common: 1, 1.0 and true are one; 01 is a text."""
    is_number = re.match(DECIMAL, kind) or kind.lower() in ("true", "false")
    return number_of(kind) if is_number else kind
