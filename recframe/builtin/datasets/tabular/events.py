"""Interactions from sources, in columns: a batch of rows at a time, 4 to 8 bytes a row and column."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import define, field

from recframe.builtin.datasets.tabular.clean import EVENT, ITEM, RATING, TIME, USER, clean, kind_of_ids
from recframe.builtin.datasets.tabular.codes import Coder
from recframe.builtin.datasets.tabular.column_types import told_text
from recframe.builtin.datasets.tabular.columns import Columns
from recframe.builtin.datasets.tabular.event_kinds import EventKinds
from recframe.builtin.datasets.tabular.extras import ExtraColumn, Values
from recframe.builtin.datasets.tabular.fixed_width import LONGEST, told_cut
from recframe.builtin.datasets.tabular.formats.sources import Source
from recframe.builtin.datasets.tabular.item_lists import PLACE, one_event_an_item
from recframe.builtin.datasets.tabular.ledger import Batch, Ledger
from recframe.builtin.datasets.tabular.notes import told_cut_time
from recframe.builtin.datasets.tabular.options import RowOptions
from recframe.builtin.datasets.tabular.paths import nearest
from recframe.errors import DataError
from recframe.errors.pasting import override


@define
class Events:
    """Events as they were read, in the order of the rows.

    Attributes:
        user_ids, item_ids: The raw ids, int64 or str, in order.
        user, item: int32 [events]; the row of each event's ids.
        times: int64 [events]; nanoseconds, or the number of the row where there is no time.
        extras: The other columns; `rating` and `event` among them, if there are such.
        parts: int8 [events]; None where the data is not split.
        timed: Whether the `times` are times.
        row: int64 [events]; the row that each came from, where a row gives several; None where each gives one.
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


def read_events(sources: Sequence[tuple[int, Source]], options: RowOptions, columns: Columns, ledger: Ledger) -> Events:
    """Read every source, each with the part of the split that it stands for (all the same where there is no split).

    Raises:
        DataError: For columns that are missing, for rows that cannot be used, and where no row is left.
    """
    reading = _Reading(options, columns, sources[0][1], ledger)
    for part, source in sources:
        try:
            reading.read(source, part)
        except DataError as error:
            if not source.suspect or source.header is None:
                raise
            hint = (
                f"line 1 was taken for names, and looks like a row: if it is one, set {override(source.header, False)}"
            )
            raise DataError(f"{error}; {hint}") from None
    split = len({part for part, _ in sources}) > 1
    return reading.finish(split)


@define
class _Reading:
    """What has been read so far."""

    options: RowOptions
    columns: Columns
    first: Source
    ledger: Ledger
    roles: dict[str, str] = field(init=False)
    timed: bool = field(init=False)
    read_columns: list[str] = field(init=False)
    extras: dict[str, ExtraColumn] = field(init=False)
    users: Coder = field(init=False)
    items: Coder = field(init=False)
    times: list[np.ndarray] = field(factory=list, init=False)
    ratings: list[np.ndarray] = field(factory=list, init=False)
    id_kinds: dict[str, str] = field(factory=dict, init=False)
    event_kinds: EventKinds = field(init=False)
    lengths: list[tuple[int, int]] = field(factory=list, init=False)
    rows: list[np.ndarray] = field(factory=list, init=False)
    row_count: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        roles = self.roles = _roles(self.columns, self.first, self.ledger)
        self.timed = "timestamp" in roles
        known = set(roles.values())
        further = [name for name in self.first.columns if name not in known]
        if self.options.extra is not None:
            named = [*self.options.extra, *(name for name in self.options.numbers if name in self.first.columns)]
            further = [self.first.require(name, "dataset.extra") for name in dict.fromkeys(named) if name not in known]
        if "item" in further:
            further.remove("item")  # a feature's source `item` is the item itself
            self.ledger.remarks.append("the column 'item' is no feature source, since that name stands for the item")
        typed = self.first.typed
        # A part's own name is taken by the part.
        self.extras = {
            name: ExtraColumn(name, typed, declared=name in self.options.numbers)
            for name in further
            if name not in roles
        }
        self.read_columns = list(dict.fromkeys([*roles.values(), *self.extras]))
        if "event" in roles:
            self.extras["event"] = ExtraColumn("event", typed=True)
        self.event_kinds = EventKinds(self.options.event_types)
        self.users = Coder(f"column {roles['user']!r}", typed)
        self.items = Coder(f"column {self.columns.item!r}", typed)

    def read(self, source: Source, part: int) -> None:
        self._require_same_columns(source)
        columns, before = self.columns, len(self.times)
        ids = {columns.user: False, columns.item: columns.lists}
        for batch in source.batches(self.read_columns, ids, self.ledger):
            for name, (where, value) in batch.odd.items():
                if name in self.extras and name not in self.options.numbers:
                    what = f"column {name!r}"
                    self.ledger.remark(*told_text(what, where, value, decimals=True))
            cleaned = clean(batch, self.options, columns, self.timed, self.event_kinds, self.ledger)
            if columns.lists:
                cleaned = one_event_an_item(cleaned, columns.item, self.options.item_list_separator, self.ledger)
            frame = cleaned.frame
            if not len(frame):
                continue
            for coder, name, column in ((self.users, USER, columns.user), (self.items, ITEM, columns.item)):
                self._refuse_mixed(cleaned, column)
                coder.add(frame[name], cleaned.where)
            self.lengths.append((part, len(frame)))
            if columns.lists:
                self.rows.append(frame[PLACE].to_numpy() + self.row_count)
                self.row_count = int(self.rows[-1][-1]) + 1
            if self.timed:
                self.times.append(frame[TIME].to_numpy())
            if RATING in frame.columns:
                self.ratings.append(frame[RATING].to_numpy().astype(np.float32))
            for name, extra in list(self.extras.items()):
                values = frame[EVENT if name == "event" and EVENT in frame.columns else name]
                if not extra.add(values, cleaned.where):
                    self.ledger.remarks.append(f"column {name!r} holds {values.dtype} and is no feature source")
                    del self.extras[name]
                    self.read_columns.remove(name)
        if source.open_ended() and len(self.times) > before:
            note = told_cut_time(source.name, np.concatenate(self.times[before:]))
            self.ledger.remarks.extend([note] if note else ())

    def _refuse_mixed(self, batch: Batch, column: str) -> None:
        """Raise DataError where the ids of a typed source are text here and numbers before, or the other way round."""
        if not self.first.typed:
            return
        kind = kind_of_ids(batch.frame[column])
        before = self.id_kinds.setdefault(column, kind)
        if kind != before:
            raise DataError(
                f"{batch.file}, column {column}: ids are {kind} here and {before} before: mixed id types; write all "
                "as text"
            )

    def _require_same_columns(self, source: Source) -> None:
        for role, column in self.roles.items():
            source.require(column, f"dataset.columns.{role}")
        absent = [name for name in self.read_columns if name not in source.columns]
        besides = [name for name in source.columns if name not in self.first.columns]
        if absent or (besides and self.options.extra is None):
            lacks = (
                f"lacks {', '.join(map(repr, absent))}" if absent else f"has {', '.join(map(repr, besides))} besides"
            )
            raise DataError(
                f"shards with different columns: {source.name} {lacks}, compared with {self.first.name}; make them "
                "alike, or name the columns that all of them have in dataset.extra"
            )

    def finish(self, split: bool) -> Events:
        kinds = self.event_kinds.told_missing(self.roles["event"]) if "event" in self.roles else ""
        if not self.lengths:
            left = (*self.ledger.notes(), *([kinds] if kinds else ()))
            raise DataError(f"the data has no interactions{''.join(f'; {note}' for note in left)}")
        if kinds:
            self.ledger.remarks.append(kinds)
        user, item = self.users.finish(), self.items.finish()
        for coder in (self.users, self.items):
            if coder.note:
                self.ledger.remark(*coder.note)
        rows = len(user.index)
        parts = np.concatenate([np.full(count, part, np.int8) for part, count in self.lengths]) if split else None
        extras = {name: column.finish() for name, column in self.extras.items()}
        for name, values in extras.items():
            if told := values.told_missing:
                self.ledger.remarks.append(
                    f"column {name!r} has no value in {values.missing:,} of {rows:,} rows: {told}"
                )
            if values.note:
                self.ledger.remark(*values.note)
            if values.cut:
                self.ledger.remarks.append(told_cut(name, "", values.cut, LONGEST))
        if self.ratings:
            extras["rating"] = Values(np.concatenate(self.ratings), None, 0)
        times = np.concatenate(self.times) if self.timed else np.arange(rows, dtype=np.int64)
        row = np.concatenate(self.rows) if self.rows else None
        if row is not None:
            self.ledger.tell_events(f"column {self.columns.item!r}", rows)
        return Events(user.values, item.values, user.index, item.index, times, extras, parts, self.timed, row)


def _roles(columns: Columns, source: Source, ledger: Ledger) -> dict[str, str]:
    """The column of each part of an event that there is."""
    roles = {"user": columns.user, columns.item_option: columns.item, "event": columns.event, "rating": columns.rating}
    found = {
        role: source.require(column, f"dataset.columns.{role}") for role, column in roles.items() if column is not None
    }
    order = "the order of the rows is taken for the order of the events"
    if columns.timestamp == "timestamp" and "timestamp" not in source.columns:
        near = nearest("timestamp", [name for name in source.columns if name not in found.values()])
        hint = f"; if {near!r} is the time, set {override('dataset.columns.timestamp', near)}" if near else ""
        ledger.remarks.append(f"there is no column 'timestamp': {order}{hint}")
    elif columns.timestamp is None:
        ledger.remarks.append(f"no column of times is named: {order}")
    else:
        found["timestamp"] = source.require(columns.timestamp, "dataset.columns.timestamp")
    return found
