"""From sources to interactions: read, sorted, filtered, joined with their attributes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recframe.builtin.datasets.tabular.attributes import AttributeTable
from recframe.builtin.datasets.tabular.columns import Columns, named_columns
from recframe.builtin.datasets.tabular.events import Events, read_events
from recframe.builtin.datasets.tabular.filters import kept_events
from recframe.builtin.datasets.tabular.formats.sources import Source
from recframe.builtin.datasets.tabular.ledger import Ledger
from recframe.builtin.datasets.tabular.notes import told_equal_titles, told_sorted_by_item, told_times
from recframe.builtin.datasets.tabular.options import RowOptions
from recframe.builtin.datasets.tabular.paths import nearest
from recframe.builtin.datasets.tabular.times import NANOSECONDS
from recframe.errors import DataError
from recframe.interactions.interactions import TEST, TRAIN, VALIDATION, Interactions
from recframe.interactions.ordering import EqualTimes, FileEvents, order_events
from recframe.runtime.encoding import texts_of


def build(
    options: RowOptions,
    sources: Sequence[tuple[int, Source]],
    items: Sequence[Source],
    users: Sequence[Source],
    ledger: Ledger,
    seed: int = 1,
) -> Interactions:
    """The interactions of sources, each with its part of the split.

    Args:
        seed: Draws the order of equal times, where the files do not tell it.

    Raises:
        DataError: For what cannot be used, and where no event is left.
    """
    _require_numbers(options.numbers, [source for _, source in sources[:1]] + [*items[:1], *users[:1]])
    columns = named_columns(options, sources[0][1], items, users)
    events = read_events(sources, options, columns, ledger)
    rule = _sort(events, options.ties, seed)
    if not events.timed and (note := told_sorted_by_item(events.user, events.item)):
        ledger.remarks.append(note)
    rows = kept_events(events.user, events.item, options, ledger)
    if rows is not None and len(rows) == 0:
        raise DataError(f"the filters leave no interactions: {'; '.join(ledger.notes())}")
    _take(events, rows)
    events.user_ids, events.user = _without_unused(events.user_ids, events.user)
    events.item_ids, events.item = _without_unused(events.item_ids, events.item)
    equal_times = EqualTimes.of(events.user, events.times, rule, seed, events.row)
    timestamp = events.times // NANOSECONDS if events.timed else events.times
    if events.parts is not None:
        _require_parts(events.parts)
    table = _items(options, columns, items, events, ledger)
    attributes = _users(options, columns, users, events, ledger)
    offsets = np.zeros(len(events.user_ids) + 1, np.int64)
    np.cumsum(np.bincount(events.user, minlength=len(events.user_ids)), out=offsets[1:])
    return Interactions(
        offsets=offsets,
        item=events.item,
        timestamp=timestamp,
        user_ids=events.user_ids,
        items=table,
        events={name: extra.values for name, extra in events.extras.items()},
        categories={name: extra.texts for name, extra in events.extras.items() if extra.texts is not None},
        users=attributes,
        notes=(*ledger.notes(), *((told_times(timestamp, options.time_unit),) if events.timed else ())),
        parts=events.parts,
        timed=events.timed,
        equal_times=equal_times,
    )


def _sort(events: Events, ties: str, seed: int) -> str:
    """Put events in order of user and time; the rule that breaks equal times."""
    read = FileEvents(
        user=events.user,
        item=events.item,
        times=events.times,
        user_ids=events.user_ids,
        item_ids=events.item_ids,
        parts=events.parts,
        rows=events.row,
        per_second=NANOSECONDS if events.timed else 1,
        columns=tuple(extra.values for extra in events.extras.values()),
    )
    places, rule = order_events(read, ties, seed)
    _take(events, places)
    return rule


def _require_numbers(names: Sequence[str], tables: Sequence[Source]) -> None:
    columns = [column for table in tables for column in table.columns]
    for name in names:
        if name not in columns:
            near = nearest(name, columns)
            hint = f"the nearest is {near!r}" if near else f"the columns are {', '.join(map(repr, columns))}"
            raise DataError(f"dataset.numbers: no column {name!r}: {hint}")


def _take(events: Events, rows: np.ndarray | None) -> None:
    """Keep some rows, one column after another, so that no two copies of all stand side by side."""
    if rows is None:
        return
    events.user, events.item = events.user[rows], events.item[rows]
    events.times = events.times[rows]
    for extra in events.extras.values():
        extra.values = extra.values[rows]
    if events.parts is not None:
        events.parts = events.parts[rows]
    if events.row is not None:
        events.row = events.row[rows]


def _without_unused(ids: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    present = np.zeros(len(ids), bool)
    present[codes] = True
    if present.all():
        return ids, codes
    return ids[present], (np.cumsum(present, dtype=np.int32) - 1)[codes]


def _require_parts(parts: np.ndarray) -> None:
    for part, name in ((TRAIN, "training"), (VALIDATION, "validation"), (TEST, "test")):
        if not (parts == part).any():
            raise DataError(f"the data is split already, and no {name} event is left; look at the filters")


def _items(
    options: RowOptions, columns: Columns, sources: Sequence[Source], events: Events, ledger: Ledger
) -> dict[str, np.ndarray]:
    """The item table: `id`, `title` where there is one, and the attributes."""
    if not sources:
        return {"id": events.item_ids}
    table_ledger = Ledger(skip=ledger.skip)
    table = AttributeTable(sources, "item", columns.item_id, columns.item, options, table_ledger)
    title = columns.title or "title"
    if columns.title is not None:
        sources[0].require(title, "dataset.columns.title")
    found: dict[str, np.ndarray] = {"id": events.item_ids}
    for name, values in table.columns(table.rows_of(events.item_ids, options.missing_items == "raise")).items():
        known = name
        if name == title:
            known = "title"
            found[known] = values if values.dtype == object else texts_of(values)
        if known in events.extras or (name != title and name in ("id", "item", "title")):
            known = f"item_{name}"
            while known in events.extras:
                known = f"item_{known}"
            table_ledger.remarks.append(f"column {name!r} of the item table is called {known!r}: the name is taken")
        if known != "title":
            found[known] = values
    table_ledger.remarks.extend(told_equal_titles(found["id"], found.get("title")))
    ledger.remarks.extend(table_ledger.notes())
    return found


def _users(
    options: RowOptions, columns: Columns, sources: Sequence[Source], events: Events, ledger: Ledger
) -> dict[str, np.ndarray]:
    if not sources:
        return {}
    table_ledger = Ledger(skip=ledger.skip)
    table = AttributeTable(sources, "user", columns.user_id, columns.user, options, table_ledger)
    found = dict(table.columns(table.rows_of(events.user_ids, refuse=False)))
    ledger.remarks.extend(table_ledger.notes())
    return found
