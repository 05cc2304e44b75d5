"""Reads events from sources into columns, batch by batch. A value needs 4 to 8 bytes."""

from __future__ import annotations

import numpy as np
from attrs import define, field

from recframe import DataError, Ordered
from recframe.builtin.datasets.tabular.batch import RowBatch
from recframe.builtin.datasets.tabular.clean import EVENT, ITEM, RATING, TIME, USER, clean, kind_of_ids
from recframe.builtin.datasets.tabular.codes import Coder
from recframe.builtin.datasets.tabular.column_types import text_note
from recframe.builtin.datasets.tabular.event_kinds import EventKinds
from recframe.builtin.datasets.tabular.extras import ExtraColumn, Values
from recframe.builtin.datasets.tabular.fixed_width import LONGEST, truncation_note
from recframe.builtin.datasets.tabular.formats.source import Source
from recframe.builtin.datasets.tabular.item_lists import PLACE, one_event_per_item
from recframe.builtin.datasets.tabular.ledger import Ledger
from recframe.builtin.datasets.tabular.notes import truncated_file_note
from recframe.builtin.datasets.tabular.pieces import joined
from recframe.builtin.datasets.tabular.plan import Plan, with_header_hint


@define
class Events:
    """The events, in the order of the rows.

    Attributes:
        user_ids, item_ids: The raw ids, int64 or str, sorted.
        user, item: int32 [events]; indices into the ids.
        times: int64 [events]; nanoseconds, or row numbers if there are no times.
        extras: The other columns, including `rating` and `event` if they exist.
        parts: int8 [events]; None if the data is not split.
        timed: Whether `times` holds times.
        row: int64 [events]; the row of each event, if a row may have several events; else None.
    """

    user_ids: np.ndarray
    item_ids: np.ndarray
    user: np.ndarray
    item: np.ndarray
    times: np.ndarray
    extras: dict[str, Values]
    parts: np.ndarray | None
    timed: bool
    row: np.ndarray | None = None

    def take(self, rows: np.ndarray | None) -> None:
        """Select rows, one column after another to save memory; None for all."""
        if rows is None:
            return
        self.user, self.item = self.user[rows], self.item[rows]
        self.times = self.times[rows]
        self._take_others(rows)

    def put_in_order(self, ordered: Ordered) -> None:
        """Take the places of an order, which has the users and the times already."""
        self.user, self.times = ordered.user, ordered.times
        if ordered.places is not None:
            self.item = self.item[ordered.places]
            self._take_others(ordered.places)

    def _take_others(self, rows: np.ndarray) -> None:
        for extra in self.extras.values():
            extra.values = extra.values[rows]
        if self.parts is not None:
            self.parts = self.parts[rows]
        if self.row is not None:
            self.row = self.row[rows]


def read_events(plan: Plan, ledger: Ledger) -> Events:
    """Read all sources.

    Raises:
        DataError: A row is invalid, sources have different columns, or no row is left.
    """
    reader = _Reader(plan, ledger)
    for part, source in plan.events:
        with with_header_hint(source):
            reader.read(source, part)
    return reader.events()


@define
class _Reader:
    """Reads sources, and holds the columns that have been read so far."""

    plan: Plan
    ledger: Ledger
    names: list[str] = field(init=False)  # of the columns that are read
    extras: dict[str, ExtraColumn] = field(init=False)
    users: Coder = field(init=False)
    items: Coder = field(init=False)
    event_kinds: EventKinds = field(init=False)
    times: list[np.ndarray] = field(factory=list, init=False)
    ratings: list[np.ndarray] = field(factory=list, init=False)
    id_kinds: dict[str, str] = field(factory=dict, init=False)
    lengths: list[tuple[int, int]] = field(factory=list, init=False)  # the part and the events of each batch
    rows: list[np.ndarray] = field(factory=list, init=False)
    row_count: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        plan, typed = self.plan, self.plan.first.typed
        self.names = list(dict.fromkeys([*plan.roles.values(), *plan.extras]))
        self.extras = {name: ExtraColumn(name, typed, name in plan.options.numbers) for name in plan.extras}
        if "event" in plan.roles:
            self.extras["event"] = ExtraColumn("event", typed=True)
        self.event_kinds = EventKinds(plan.options.event_types)
        self.users = Coder(f"column {plan.columns.user!r}", typed)
        self.items = Coder(f"column {plan.columns.item!r}", typed)

    def read(self, source: Source, part: int) -> None:
        self._require_same_columns(source)
        columns, batches_before = self.plan.columns, len(self.times)
        ids = {columns.user: False, columns.item: columns.lists}
        for batch in source.batches(self.names, ids, self.ledger):
            self._note_first_texts(batch)
            cleaned = clean(batch, self.plan, self.event_kinds, self.ledger)
            if columns.lists:
                separator = self.plan.options.item_list_separator
                cleaned = one_event_per_item(cleaned, columns.item, separator, self.ledger)
            if len(cleaned.frame):
                self._add(cleaned, part)
        if source.open_ended() and len(self.times) > batches_before:
            note = truncated_file_note(source.name, np.concatenate(self.times[batches_before:]))
            self.ledger.remarks.extend([note] if note else ())

    def _note_first_texts(self, batch: RowBatch) -> None:
        for name, (where, value) in batch.first_texts.items():
            if name in self.extras and name not in self.plan.options.numbers:
                self.ledger.remark(*text_note(f"column {name!r}", where, value, decimals=True))

    def _add(self, batch: RowBatch, part: int) -> None:
        frame, columns = batch.frame, self.plan.columns
        for coder, name, column in ((self.users, USER, columns.user), (self.items, ITEM, columns.item)):
            self._refuse_mixed(batch, column)
            coder.add(frame[name], batch.where)
        self.lengths.append((part, len(frame)))
        if columns.lists:
            self.rows.append(frame[PLACE].to_numpy() + self.row_count)
            self.row_count = int(self.rows[-1][-1]) + 1
        if self.plan.timed:
            self.times.append(frame[TIME].to_numpy())
        if RATING in frame.columns:
            self.ratings.append(frame[RATING].to_numpy().astype(np.float32))
        for name, extra in list(self.extras.items()):
            values = frame[EVENT if name == "event" and EVENT in frame.columns else name]
            if not extra.add(values, batch.where):
                self.ledger.remarks.append(f"column {name!r} holds {values.dtype}, so no feature can read it")
                del self.extras[name]
                self.names.remove(name)

    def _refuse_mixed(self, batch: RowBatch, column: str) -> None:
        """Raise DataError if a typed column has both text and numbers as ids."""
        if not self.plan.first.typed:
            return
        kind = kind_of_ids(batch.frame[column])
        before = self.id_kinds.setdefault(column, kind)
        if kind != before:
            raise DataError(
                f"{batch.file}, column {column}: mixed id types: ids are {kind} here, but they were {before} before; "
                "write all as text"
            )

    def _require_same_columns(self, source: Source) -> None:
        """Raise DataError if the source has other columns than the first.

        This is called just before a source is read, since columns that no feature can read are not required.
        """
        first = self.plan.first
        absent = [name for name in self.names if name not in source.columns]
        further = [name for name in source.columns if name not in first.columns]
        if absent or (further and self.plan.options.extra is None):
            lacks = f"lacks {', '.join(map(repr, absent))}" if absent else f"also has {', '.join(map(repr, further))}"
            raise DataError(
                f"files with different columns: {source.name} {lacks}, compared with {first.name}; make the columns "
                "equal, or name those that all files have in dataset.extra"
            )

    def events(self) -> Events:
        """The events of all sources."""
        kinds = self.event_kinds.missing_note(self.plan.roles["event"]) if "event" in self.plan.roles else ""
        if not self.lengths:
            left = (*self.ledger.notes(), *([kinds] if kinds else ()))
            raise DataError(f"the data has no interactions{''.join(f'; {note}' for note in left)}")
        if kinds:
            self.ledger.remarks.append(kinds)
        user, item = self.users.finish(), self.items.finish()
        for coder in (self.users, self.items):
            if coder.note:
                self.ledger.remark(*coder.note)
        rows, timed = len(user.index), self.plan.timed
        parts = [np.full(count, part, np.int8) for part, count in self.lengths] if self.plan.split else []
        extras = self._extra_values(rows)
        times = joined(self.times) if timed else np.arange(rows, dtype=np.int64)
        row = np.concatenate(self.rows) if self.rows else None
        if row is not None:
            self.ledger.tell_events(f"column {self.plan.columns.item!r}", rows)
        part = np.concatenate(parts) if parts else None
        return Events(user.values, item.values, user.index, item.index, times, extras, part, timed, row)

    def _extra_values(self, rows: int) -> dict[str, Values]:
        extras = {name: column.finish() for name, column in self.extras.items()}
        for name, values in extras.items():
            if note := values.missing_note:
                self.ledger.remarks.append(
                    f"column {name!r} has no value in {values.missing:,} of {rows:,} rows: {note}"
                )
            if values.note:
                self.ledger.remark(*values.note)
            if values.cut:
                self.ledger.remarks.append(truncation_note(name, "", values.cut, LONGEST))
        if self.ratings:
            extras["rating"] = Values(joined(self.ratings), None, 0)
        return extras
