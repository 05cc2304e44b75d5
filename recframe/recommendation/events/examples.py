"""Examples of a table of events, made as those of MovieLens are."""

from __future__ import annotations

import numpy as np

from recframe.data.features import EventLists
from recframe.data.windows import Windows
from recframe.errors import DataError
from recframe.interactions.interactions import Column, Interactions
from recframe.recommendation.events.columns import EventColumns
from recframe.recommendation.events.word_ids import WordIds, split_words
from recframe.recommendation.examples import ExampleColumns
from recframe.recommendation.feature_columns import FLOAT, FeatureColumn, finish, warn_unknown
from recframe.recommendation.vocab import Vocab, vocab_of
from recframe.runtime.encoding import numbers_of


def table_examples(
    interactions: Interactions,
    columns: EventColumns,
    windows: Windows,
    word_ids: WordIds,
    max_context_length: int | None,
    separator: str,
) -> tuple[ExampleColumns, Vocab]:
    """The examples of the windows, and the items. The last two arguments are those of `DataLoader.from_dataframe`."""

    def values(feature: FeatureColumn, column: str) -> np.ndarray | EventLists:
        read = columns.values(interactions, column)
        if not feature.vocab_name:
            return _numbers(read, feature, column)
        return word_ids.ids(read, feature, None if column == columns.roles["item"] else separator)

    inputs, label = columns.inputs, columns.label
    items = values(label, columns.roles["item"])
    assert isinstance(items, np.ndarray)
    longest = max([feature.length for feature in inputs if feature.keep_last] or [feature.length for feature in inputs])
    gathered = {}
    for feature in inputs:
        read = values(feature, columns.of_features[feature.name])
        if isinstance(read, EventLists):
            window = windows.entries(read, feature.length, max_context_length or longest)
        else:
            window = windows.steps(read, feature.length, max_context_length)
        gathered[feature.name] = finish(window, feature)
    ids = finish(items, label)
    labels = ids[windows.label]
    warn_unknown(labels, label)
    lines = {f.name: word_ids.lines[f.vocab_name] for f in (*inputs, label) if f.vocab_name}
    return ExampleColumns(gathered, labels, label.name, lines), _vocab(interactions, columns, ids, separator)


def _numbers(column: Column, feature: FeatureColumn, name: str) -> np.ndarray:
    """int64 or float64 [events]: the values of a feature without a vocabulary."""
    numbers = column.values if column.values.dtype.kind in "iu" else numbers_of(column.values)
    where = f"column {name!r} of {feature.name}"
    if (wrong := np.isnan(numbers)).any():
        hint = "" if feature.type == FLOAT else "; ids that are text need a vocab_name"
        raise DataError(f"{where} is not all numbers: {str(column.values[wrong.argmax()])!r}{hint}")
    if feature.type != FLOAT and (numbers != np.floor(numbers)).any():
        raise DataError(f"{where} has numbers that are not whole; round them")
    of_events: np.ndarray = numbers[column.index]
    return of_events


def _vocab(interactions: Interactions, columns: EventColumns, ids: np.ndarray, separator: str) -> Vocab:
    """The items by falling count, with the title and genres of their first event."""
    known = np.flatnonzero(ids > 0)
    distinct, first, counts = np.unique(ids[known], return_index=True, return_counts=True)

    def words(column: str, separator: str | None) -> list[list[str]]:
        read = columns.values(interactions, column)
        return split_words(read.values[read.index[known[first]]], separator)

    titles = words(columns.shown.get("title", columns.roles["item"]), None)
    genres: list[list[str]] = [[]] * len(titles)
    if name := columns.shown.get("genres"):
        genres = words(name, None if name == columns.roles["item"] else separator)
    by_count = np.argsort(-counts, kind="stable").tolist()
    return vocab_of((int(distinct[i]), " ".join(titles[i]), genres[i], int(counts[i])) for i in by_count)
