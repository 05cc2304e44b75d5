"""Kinds of event: filters rows by kind, however the format writes a kind."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from recframe import DataError, nearest, number_of, override, text_of
from recframe.builtin.datasets.tabular.batch import RowBatch
from recframe.builtin.datasets.tabular.column_types import DECIMAL, as_text, to_plain_type
from recframe.builtin.datasets.tabular.ledger import Ledger

if TYPE_CHECKING:
    import polars as pl

_SHOWN = 10


def event_texts(batch: RowBatch, column: str) -> pl.Series:
    """String [rows]: the kind of each event, empty if it has none. Raises DataError for types such as lists."""
    values = to_plain_type(batch.frame[column])
    if values is None:
        kind = batch.frame[column].dtype
        raise DataError(f"{batch.file}, column {column}: kinds of event are {kind}; make them text")
    return as_text(values).fill_null("")


class EventKinds:
    """The kinds to keep, and the number of rows of each kind.

    Args:
        wanted: The kinds in the option; empty to keep all.
    """

    def __init__(self, wanted: Iterable[object]) -> None:
        self._wanted = {_meaning(text_of(kind)): text_of(kind) for kind in wanted}
        self._counts: Counter[str] = Counter()

    def keep(self, batch: RowBatch, events: pl.Series, ledger: Ledger) -> RowBatch:
        """The rows of a batch whose kind is wanted."""
        if not self._wanted:
            return batch
        counted = events.value_counts(name="\0count").rows()
        self._counts.update(dict(counted))
        kept = [kind for kind, _ in counted if _meaning(kind) in self._wanted]
        return ledger.filter(batch, events.is_in(kept), f"the event is none of {', '.join(self._wanted.values())}")

    def missing_note(self, column: str) -> str:
        """A note on wanted kinds that no row has, with the kinds that exist; empty if every wanted kind has rows."""
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
    """A form of a kind that is equal in all formats: 1, 1.0 and true are equal; 01 is a text."""
    is_number = re.match(DECIMAL, kind) or kind.lower() in ("true", "false")
    return number_of(kind) if is_number else kind
