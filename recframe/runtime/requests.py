"""Turns requests into the arrays of a model's inputs, by name, with or without a batch dimension."""

from __future__ import annotations

import operator
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from recframe.runtime.answers import BundleError
from recframe.runtime.encoding import TIME_SOURCES, moment_value, time_values
from recframe.runtime.inputs import FeatureInput

#: Histories in one call of a model that takes any number: more would cost memory and save no time.
_AT_ONCE = 64
#: Values by input: one for each event, or the one value of the user or the moment; a list where a step has several.
InputValues = Mapping[str, Sequence[object]]


class Question(NamedTuple):
    """A request in raw values: the arguments of `Recommender.recommend`."""

    history: Sequence[object]
    exclude: Collection[object] = ()
    allow: Collection[object] | None = None
    given: InputValues | None = None
    timestamps: Sequence[int] | None = None
    now: int | None = None


class Request(NamedTuple):
    """One history and what may be recommended after it, as label ids.

    Attributes:
        labels: The history, oldest first.
        values: Values by input, in place of the bundle's.
        exclude: Ids that the caller leaves out.
        older: Ids of the history that must not be recommended, but that the graph does not leave out by itself.
        allow: The only ids that may be recommended; None: all.
    """

    labels: Sequence[int]
    values: InputValues = MappingProxyType({})
    exclude: Sequence[int] = ()
    older: Sequence[int] = ()
    allow: Sequence[int] | None = None


class ModelInputs:
    """All the inputs of a model.

    Attributes:
        at_once: Most requests that one call of the model takes.
        histories: The features whose ids are label ids.
        moments: The features of the moment of asking.
    """

    def __init__(self, features: Sequence[FeatureInput], lists: Sequence[Mapping[str, Any]], batch: int | str) -> None:
        """
        Args:
            lists: The manifest's entries of role exclude and allow.
            batch: As in the manifest.
        """
        self.features = {feature.spec["name"]: feature for feature in features}
        self.histories = [name for name, feature in self.features.items() if feature.of_labels]
        self.moments = [name for name, feature in self.features.items() if feature.spec["scope"] == "now"]
        self._lists = {spec["role"]: spec for spec in lists}
        self._rows = batch if isinstance(batch, int) else None
        self._batched = batch != "model_maker"
        self.at_once = self._rows or (_AT_ONCE if self._batched else 1)

    def room(self, role: str) -> int:
        """How many ids the input of a role takes; 0 where there is none."""
        return self._lists[role]["shape"][-1] if role in self._lists else 0

    def excluded(self, request: Request) -> Sequence[int]:
        """The model's list of excluded ids, with the older items of the history if they fit."""
        with_older = list(dict.fromkeys((*request.exclude, *request.older)))
        return with_older if len(with_older) <= self.room("exclude") else request.exclude

    def values(
        self, events: int, given: InputValues | None, timestamps: Sequence[int] | None, now: int | None = None
    ) -> InputValues:
        """The values of a request, with those of the inputs that are computed from the time.

        Args:
            events: How many the history has.
            timestamps: Unix seconds of each.
            now: Unix seconds of the moment of asking; None: the present.

        Raises:
            BundleError: for an input that the model does not have, or for the wrong number of timestamps.
        """
        last: int | None = None
        if given is not None and not isinstance(given, Mapping):
            raise BundleError(f"given: expected values by input, as {{'rating': [4.0]}}, got {given!r:.60}")
        values = dict(given or {})
        for name in values:
            if name not in self.features:
                raise BundleError(f"no input {name!r} in the bundle; it has {', '.join(self.features)}")
        if timestamps is not None:
            times = _seconds(timestamps)
            if len(times) != events:
                raise BundleError(f"timestamps: expected one for each of the {events} items, got {len(times)}")
            for name, feature in self.features.items():
                if (source := feature.spec["source"]) in TIME_SOURCES and name not in self.moments:
                    values.setdefault(name, time_values(source, times).tolist())
            last = int(times[-1]) if events else None
        moment = None if now is None else _second(now)
        for name in self.moments:
            spec, moment = self.features[name].spec, int(time.time()) if moment is None else moment
            values.setdefault(name, [moment_value(spec["source"], moment, last, spec["default"])])
        return values

    def arrays(self, asked: Sequence[Request]) -> dict[str, np.ndarray]:
        """The inputs of role feature, a row for each request and rows of 0 for the rest of a fixed batch."""
        arrays = self.rows(asked, self._rows)
        return arrays if self._batched else {name: array[0] for name, array in arrays.items()}

    def rows(self, asked: Sequence[Request], count: int | None = None) -> dict[str, np.ndarray]:
        """The features as `count` rows, by default one for each request, whatever the model's batch is."""
        arrays = {}
        for name, feature in self.features.items():
            array = np.zeros((count or len(asked), *feature.shape), feature.spec["dtype"])
            for row, one in zip(array, asked, strict=False):
                feature.write(row, one.labels, one.values.get(name))
            arrays[name] = array
        return arrays

    def listed(self, asked: Sequence[Request]) -> dict[str, np.ndarray]:
        """The inputs that list label ids, in rows as those of `arrays`."""
        arrays = {}
        for role, spec in self._lists.items():
            array = np.zeros((self._rows or len(asked), spec["shape"][-1]), spec["dtype"])
            for row, one in zip(array, asked, strict=False):
                ids = (self.excluded(one) if role == "exclude" else one.allow) or ()
                row[: len(ids)] = ids
            arrays[spec["name"]] = array if self._batched else array[0]
        return arrays


def count_of(k: object, most: int, why: str) -> int:
    """`k` as an int.

    Raises:
        BundleError: where `k` is not a whole number from 1 to `most`; `why` is the reason of the limit.
    """
    try:
        count = operator.index(k)  # type: ignore[arg-type]
    except TypeError:
        count = 0
    if isinstance(k, bool) or not 1 <= count <= most:
        raise BundleError(f"k is {k!r}: it must be a whole number between 1 and {most} ({why})")
    return count


def questions(histories: Sequence[Sequence[object]], **columns: Any) -> list[Question]:
    """A question for each history.

    Args:
        columns: Arguments of `Question`: a list with one for each history, or None.

    Raises:
        BundleError: where one of them is not such a list.
    """
    passed = {name: column for name, column in columns.items() if column is not None}
    for name, column in passed.items():
        if isinstance(column, str | bytes | Mapping) or not isinstance(column, Sequence | np.ndarray):
            raise BundleError(f"{name}: expected a list with one for each history, got {column!r:.60}")
        if len(column) != len(histories):
            raise BundleError(f"{name}: expected one for each of the {len(histories)} histories, got {len(column)}")
    return [
        Question(history, **{name: column[row] for name, column in passed.items()})
        for row, history in enumerate(histories)
    ]


def label_ids(labels: object, count: int) -> list[int]:
    """The label ids of a history.

    Raises:
        BundleError: for anything but a list of whole numbers below `count`, such as a raw id written as text.
    """
    if isinstance(labels, Iterable) and not isinstance(labels, str | bytes):
        listed = list(labels)
        wrong = [label for label in listed if not _is_label(label, count)]
        if not wrong:
            return [int(label) for label in listed]
        labels = wrong[0]
    raise BundleError(
        f"labels: expected a list of label ids, whole numbers from 0 to {count - 1}, got {labels!r:.60}; `label_of` "
        "gives that of a raw id or title"
    )


def _is_label(label: object, count: int) -> bool:
    whole = isinstance(label, int | np.integer) and not isinstance(label, bool)
    return whole and 0 <= label < count  # type: ignore[operator]


def _seconds(timestamps: object) -> np.ndarray:
    try:
        times = np.array(timestamps, np.int64)
        if times.ndim == 1:
            return times
    except (TypeError, ValueError, OverflowError):
        pass
    raise BundleError(f"timestamps: expected whole Unix seconds, got {timestamps!r:.60}")


def _second(now: object) -> int:
    try:
        if isinstance(now, int | float | np.number) and not isinstance(now, bool):
            return int(now)
    except (ValueError, OverflowError):  # NaN, infinity
        pass
    raise BundleError(f"now: expected Unix seconds, got {now!r:.60}")
