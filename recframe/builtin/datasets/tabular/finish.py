"""Turns the events that were read into interactions: sorts and filters them, and joins their attributes."""

from __future__ import annotations

import numpy as np

from recframe import (
    TEST,
    TRAIN,
    VALIDATION,
    DataError,
    EqualTimes,
    FileEvents,
    Interactions,
    order_events,
    sorted_by_item_note,
)
from recframe.builtin.datasets.tabular.attributes import item_table, user_table
from recframe.builtin.datasets.tabular.events import Events
from recframe.builtin.datasets.tabular.filters import kept_events
from recframe.builtin.datasets.tabular.ledger import Ledger
from recframe.builtin.datasets.tabular.notes import times_note
from recframe.builtin.datasets.tabular.plan import Plan
from recframe.builtin.datasets.tabular.times import NANOSECONDS


def finish(plan: Plan, events: Events, ledger: Ledger, seed: int) -> Interactions:
    """The interactions. The events are changed in place.

    Raises:
        DataError: The filters leave no event, or none of a part, or an attribute is invalid.
    """
    options = plan.options
    rule = _sort(events, options.ties, seed)
    if not events.timed and (note := sorted_by_item_note(events.user, events.item)):
        ledger.remarks.append(note)
    rows = kept_events(events.user, events.item, options, ledger)
    if rows is not None and len(rows) == 0:
        raise DataError(f"the filters leave no interactions: {'; '.join(ledger.notes())}")
    events.take(rows)
    events.user_ids, events.user = _without_unused(events.user_ids, events.user)
    events.item_ids, events.item = _without_unused(events.item_ids, events.item)
    equal_times = EqualTimes.of(events.user, events.times, rule, seed, events.row)
    if events.timed:
        np.floor_divide(events.times, NANOSECONDS, out=events.times)
    if events.parts is not None:
        _require_parts(events.parts)
    items = item_table(plan.items, events.item_ids, events.extras, options, ledger)
    users = user_table(plan.users, events.user_ids, options, ledger)
    return Interactions(
        offsets=Interactions.offsets_of(events.user, len(events.user_ids)),
        item=events.item,
        timestamp=events.times,
        user_ids=events.user_ids,
        items=items,
        events={name: extra.values for name, extra in events.extras.items()},
        categories={name: extra.texts for name, extra in events.extras.items() if extra.texts is not None},
        users=users,
        notes=(*ledger.notes(), *((times_note(events.times, options.time_unit),) if events.timed else ())),
        parts=events.parts,
        timed=events.timed,
        equal_times=equal_times,
    )


def _sort(events: Events, ties: str, seed: int) -> str:
    """Sort events by user and time; returns the rule that orders equal times."""
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
    ordered = order_events(read, ties, seed)
    events.put_in_order(ordered)
    return ordered.rule


def _without_unused(ids: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    present = np.zeros(len(ids), bool)
    present[codes] = True
    if present.all():
        return ids, codes
    return ids[present], (np.cumsum(present, dtype=np.int32) - 1)[codes]


def _require_parts(parts: np.ndarray) -> None:
    for part, name in ((TRAIN, "training"), (VALIDATION, "validation"), (TEST, "test")):
        if not (parts == part).any():
            raise DataError(f"the data is already split, but no {name} event is left; check the filters")
