"""Validates the interactions that a dataset returns, since a plugin may return anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from recframe.errors import DataError
from recframe.interactions.interactions import CONTEXT, TRAIN, Interactions


def require_valid(data: object, source: str) -> None:
    """Raise DataError for the first problem.

    Args:
        source: What the data is, for the start of the message: `data`.
    """
    if problem := fault_of(data):
        raise DataError(f"{source}: {problem}")


def fault_of(data: object) -> str:
    """The first thing that is wrong; empty where nothing is."""
    if not isinstance(data, Interactions):
        return f"expected recframe.Interactions, not {'None' if data is None else f'a {type(data).__name__}'}"
    return next(_problems(data), "")


def _problems(data: Interactions) -> Iterator[str]:
    """The problems. Each check relies on the checks before it."""
    for name in ("items", "events", "users", "categories"):
        if not isinstance(table := getattr(data, name), Mapping):
            yield f"{name} must be a mapping from column names to NumPy arrays, but is {_shown(table)}"
    if "id" not in data.items:
        yield "the item table has no column 'id'"
    yield from _wrong_arrays(data)
    events, users, items = len(data.item), len(data.user_ids), len(data.items["id"])
    if events == 0:
        yield "there are no interactions"
    yield from _wrong_offsets(data.offsets, users, events)
    if len(data.timestamp) != events:
        yield f"timestamp has {len(data.timestamp):,} values for {events:,} events"
    if int(data.item.min()) < 0 or int(data.item.max()) >= items:
        yield f"item holds {data.item.min()} to {data.item.max()}, but the item table has the rows 0 to {items - 1:,}"
    tables = (("items", data.items, items), ("events", data.events, events), ("users", data.users, users))
    for name, table, rows in tables:
        yield from _wrong_lengths(name, table, rows)
    for name in data.lists:
        if any(isinstance(value, str) for value in data.items[name].tolist()):
            # A list column is read value by value, and a text would be read letter by letter.
            yield f"items[{name!r}] holds texts as Python objects; make it a text array: values.astype(str)"
    if "item" in data.events:
        yield "events['item'] can never be read, since the source `item` is the item table's ids; rename it"
    yield from _wrong_categories(data)
    if data.parts is not None and (len(data.parts) != events or not np.isin(data.parts, range(CONTEXT + 1)).all()):
        yield f"parts must be {events:,} numbers from {TRAIN} to {CONTEXT}, one for each event"
    older = np.append(False, data.timestamp[1:] < data.timestamp[:-1])
    older[data.offsets[:-1][data.offsets[:-1] < events]] = False  # the first event of a user
    if older.any():
        yield f"event {older.argmax():,} is older than the user's previous event; sort by user and time"
    for name, ids in (("user_ids", data.user_ids), ("items['id']", data.items["id"])):
        if len(set(map(str, ids.tolist())) if ids.dtype == object else np.unique(ids)) != len(ids):
            yield f"{name} holds an id twice"


def _wrong_arrays(data: Interactions) -> Iterator[str]:
    kinds = {"offsets": np.int64, "item": np.int32, "timestamp": np.int64}
    for name in (*kinds, "user_ids"):
        array = getattr(data, name)
        if not isinstance(array, np.ndarray) or array.ndim != 1:
            yield f"{name} must be a NumPy array with one dimension, but it is {_shown(array)}"
        if name in kinds and array.dtype != kinds[name]:
            yield f"{name} must be {np.dtype(kinds[name])}, but it is {array.dtype}"
    if not isinstance(data.items["id"], np.ndarray):
        yield f"items['id'] must be a NumPy array, but it is {_shown(data.items['id'])}"


def _wrong_offsets(offsets: np.ndarray, users: int, events: int) -> Iterator[str]:
    if len(offsets) != users + 1:
        yield f"offsets has {len(offsets):,} values: {users:,} users need {users + 1:,}"
    if offsets[0] != 0 or offsets[-1] != events or (np.diff(offsets) < 0).any():
        yield f"offsets must go from 0 to {events:,}, the number of events, and never decrease"


def _wrong_lengths(name: str, table: Mapping[str, np.ndarray], rows: int) -> Iterator[str]:
    for column, values in table.items():
        if not isinstance(values, np.ndarray):
            yield f"{name}[{column!r}] must be a NumPy array, but it is {_shown(values)}"
        if len(values) != rows:
            yield f"{name}[{column!r}] has {len(values):,} values for {rows:,} rows"


def _wrong_categories(data: Interactions) -> Iterator[str]:
    for name, texts in data.categories.items():
        places = data.events.get(name)
        if (
            places is None
            or places.dtype.kind != "i"
            or (len(places) and not 0 <= places.min() <= places.max() < len(texts))
        ):
            yield f"events[{name!r}] must hold the places of its texts among the {len(texts):,} of categories"


def _shown(value: object) -> str:
    return f"{value.dtype} {list(value.shape)}" if isinstance(value, np.ndarray) else f"a {type(value).__name__}"
