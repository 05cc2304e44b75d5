"""Histories as an app has them: raw ids and raw values, from the data that the model was trained on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from recframe.data.features import NowFeature, UserFeature, steps_read
from recframe.data.prepare import PreparedData
from recframe.data.sequences import histories
from recframe.data.splits import TEST
from recframe.export.histories.app_histories import AppHistories, EncodedHistories
from recframe.interactions.interactions import Column
from recframe.plugin.exporting import RawHistory
from recframe.runtime.encoding import TIME_SOURCES, numbers_of

#: The most distinct values of a feature, and the most histories, that an export compares.
VALUES, HISTORIES = 10_000, 200


class RawHistories:
    """The events of a user as an app knows them."""

    def __init__(self, data: PreparedData) -> None:
        interactions = data.interactions
        self._data, self._names = data, np.array(data.label_vocabulary, dtype=object)
        sources = {name: feature.spec.source for name, feature in data.features.items()}
        self.of_user = {
            name: interactions.users[sources[name]]
            for name, feature in data.features.items()
            if isinstance(feature, UserFeature)
        }
        self.of_now = {
            name: interactions.time_column(sources[name])
            for name, feature in data.features.items()
            if isinstance(feature, NowFeature)
        }
        of_steps = {name: source for name, source in sources.items() if name not in self.of_user | self.of_now}
        self.of_event = {
            name: interactions.column(source) for name, source in of_steps.items() if source in interactions.events
        }
        #: The features that are computed from the time.
        self.of_time = {
            name: interactions.column(source) for name, source in of_steps.items() if source in TIME_SOURCES
        }

    def before(self, target: int, latest: int | None = None) -> RawHistory:
        """The whole history before an event, or its latest events."""
        data = self._data
        user = data.users[target]
        events = np.arange(data.interactions.offsets[user], target)
        events = events[len(events) - min(latest, len(events)) :] if latest is not None else events
        times = data.interactions.timestamp[events].tolist() if self.of_time or self.of_now else None
        now = int(data.interactions.timestamp[target]) if self.of_now else None
        return RawHistory(self._names_of(events), self._values(events, user, self.of_event), times, now)

    def alone(self, event: int) -> RawHistory:
        """A history of one event, with the values that are computed from its time, also as the moment of asking."""
        events = np.array([event])
        columns = self.of_event | self.of_time | self.of_now
        return RawHistory(self._names_of(events), self._values(events, self._data.users[event], columns), None)

    def _names_of(self, events: np.ndarray) -> list[str]:
        names: list[str] = self._names[self._data.labels[events]].tolist()
        return names

    def _values(self, events: np.ndarray, user: int, columns: Mapping[str, Column]) -> dict[str, list[Any]]:
        values = {name: _plain(column.values[column.index[events]]) for name, column in columns.items()}
        return values | {name: _plain(column[user : user + 1]) for name, column in self.of_user.items()}


def _plain(values: np.ndarray) -> list[Any]:
    """Python's own values; float32 0.1 becomes 0.1, as its text is, and not 0.10000000149."""
    narrow = values.dtype.kind == "f" and values.dtype.itemsize < 8
    plain: list[Any] = (numbers_of(values) if narrow else values).tolist()
    return plain


def app_histories(data: PreparedData, golden_examples: int) -> AppHistories:
    """The histories in raw values that an export compares, and those of golden.json."""
    return AppHistories((encoded_values(data), encoded_histories(data)), golden_histories(data, golden_examples))


def golden_histories(data: PreparedData, count: int) -> list[RawHistory]:
    """Histories before test targets, spread over the users. Of sixteen, one is empty, and two are cut short."""
    raw, targets = RawHistories(data), data.targets(TEST)
    chosen = targets[np.unique(np.linspace(0, len(targets) - 1, min(count, len(targets))).astype(int))]
    latest = {1: 1, 5: 0, 9: 3}
    return [raw.before(target, latest.get(place % 16)) for place, target in enumerate(chosen.tolist())]


def encoded_values(data: PreparedData) -> EncodedHistories:
    """A history of one event for each distinct value of each feature; of more than VALUES, evenly spread ones."""
    raw = RawHistories(data)
    columns = [data.interactions.item, *(c.index for c in (raw.of_event | raw.of_time | raw.of_now).values())]
    columns += [np.unique(column, return_inverse=True)[1][data.users] for column in raw.of_user.values()]
    chosen: set[int] = set()
    for index in columns:
        first = np.unique(index, return_index=True)[1]
        chosen.update(first[np.unique(np.linspace(0, len(first) - 1, VALUES).astype(int))].tolist())
    events = np.array(sorted(chosen))
    padding = data.interactions.num_events
    inputs = {}
    for name, feature in data.features.items():
        steps = np.full((len(events), steps_read(feature, data.history_length)), padding)
        steps[:, 0] = events
        inputs[name] = feature.gather(steps, data.users[events], events[:, None])
    return EncodedHistories([raw.alone(event) for event in events.tolist()], inputs)


def encoded_histories(data: PreparedData) -> EncodedHistories:
    """Up to HISTORIES whole histories before test targets."""
    raw = RawHistories(data)
    targets = _spread(data.targets(TEST))
    return EncodedHistories([raw.before(target) for target in targets.tolist()], histories(data, targets))


def _spread(targets: np.ndarray) -> np.ndarray:
    places = np.linspace(0, len(targets) - 1, min(HISTORIES, len(targets))).astype(int)
    chosen: np.ndarray = targets[np.unique(places)]
    return chosen
