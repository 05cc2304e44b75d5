"""Examples out of a table of events, made as those of MovieLens are."""

from __future__ import annotations

import tempfile
from os import PathLike
from pathlib import Path

import numpy as np
from attrs import frozen

from recframe.data.features import EventLists
from recframe.data.windows import Windows
from recframe.errors import DataError
from recframe.interactions.interactions import Column, Interactions
from recframe.plugin.registry import Registries
from recframe.recommendation.api_errors import require_positive
from recframe.recommendation.events.columns import EventColumns
from recframe.recommendation.events.word_ids import WordIds, split_words
from recframe.recommendation.examples import ExampleColumns, say_drawn_order
from recframe.recommendation.feature_columns import FLOAT, FeatureColumn, finish, warn_unknown
from recframe.recommendation.vocab import Vocab, vocab_of
from recframe.runtime.encoding import numbers_of


@frozen
class WindowOptions:
    """How examples are made of timelines; the arguments of `DataLoader.from_dataframe` of these names, checked."""

    vocab_dir: str | PathLike[str] | None
    min_timeline_length: int
    max_context_length: int | None
    separator: str | None

    def __attrs_post_init__(self) -> None:
        require_positive(min_timeline_length=self.min_timeline_length, max_context_length=self.max_context_length)


def table_examples(
    interactions: Interactions, columns: EventColumns, options: WindowOptions, registries: Registries
) -> tuple[ExampleColumns, Vocab]:
    """The examples of interactions, and their items."""
    say_drawn_order(interactions)
    windows = Windows.of(interactions, options.min_timeline_length)
    if len(windows) == 0:
        raise DataError(f"no user has {max(2, options.min_timeline_length)} events; lower min_timeline_length")
    inputs, label = columns.inputs, columns.label
    with tempfile.TemporaryDirectory() as own:
        word_ids = WordIds(Path(own if options.vocab_dir is None else options.vocab_dir).expanduser(), registries)

        def values(feature: FeatureColumn, column: str) -> np.ndarray | EventLists:
            read = columns.values(interactions, column)
            if not feature.vocab_name:
                return _numbers(read, feature, column)
            separator = columns.separator(column, options.separator)
            return word_ids.ids(read, feature, separator, as_lists=column in columns.lists)

        items = values(label, columns.roles["item"])
        of_events = {feature.name: values(feature, columns.of_features[feature.name]) for feature in inputs}
    assert isinstance(items, np.ndarray)
    longest = max([feature.length for feature in inputs if feature.keep_last] or [feature.length for feature in inputs])
    gathered, latest = {}, options.max_context_length
    for feature in inputs:
        read, length = of_events[feature.name], feature.length
        if isinstance(read, EventLists):
            window = windows.entries(read, length, latest or longest)
        else:
            window = windows.steps(read, length, latest)
        gathered[feature.name] = finish(window, feature)
    ids = finish(items, label)
    labels = ids[windows.label]
    warn_unknown(labels, label)
    lines = {f.name: word_ids.lines[f.vocab_name] for f in (*inputs, label) if f.vocab_name}
    return ExampleColumns(gathered, labels, label.name, lines), _vocab(interactions, columns, ids, options.separator)


def _numbers(column: Column, feature: FeatureColumn, name: str) -> np.ndarray:
    """int64 or float64 [events]: a feature's values where it has no vocabulary."""
    numbers = column.values if column.values.dtype.kind in "iu" else numbers_of(column.values)
    where = f"column {name!r} of {feature.name}"
    if (wrong := np.isnan(numbers)).any():
        hint = "" if feature.type == FLOAT else "; ids that are text need a vocab_name"
        raise DataError(f"{where} is not all numbers: {str(column.values[wrong.argmax()])!r}{hint}")
    if feature.type != FLOAT and (numbers != np.floor(numbers)).any():
        raise DataError(f"{where} has numbers that are not whole; round them")
    of_events: np.ndarray = numbers[column.index]
    return of_events


def _vocab(interactions: Interactions, columns: EventColumns, ids: np.ndarray, separator: str | None) -> Vocab:
    """The items by falling count, each as its first event shows it."""
    known = np.flatnonzero(ids > 0)
    distinct, first, counts = np.unique(ids[known], return_index=True, return_counts=True)
    rows = known[first]

    def words(column: str, separator: str | None) -> list[list[str]]:
        read = columns.values(interactions, column)
        return split_words(read.values[read.index[rows]], separator)

    titles = words(columns.shown.get("title", columns.roles["item"]), None)
    genres: list[list[str]] = [[]] * len(rows)
    if name := columns.shown.get("genres"):
        genres = words(name, columns.separator(name, separator))
    by_count = np.argsort(-counts, kind="stable").tolist()
    return vocab_of((int(distinct[i]), " ".join(titles[i]), genres[i], int(counts[i])) for i in by_count)
