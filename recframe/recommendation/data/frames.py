"""Examples out of a table of interactions: one row an event, the columns named by a mapping."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from recframe.errors import DataError
from recframe.interactions import tables
from recframe.interactions.ordering import FileEvents
from recframe.recommendation.api_errors import ApiValueError
from recframe.recommendation.data.example_windows import Lists, Targets, entries, find_targets, steps
from recframe.recommendation.data.examples import Examples, Vocab, check_mapping, warn_unknown
from recframe.recommendation.data.feature_columns import FLOAT, FeatureColumn, finish, read_spec
from recframe.recommendation.data.frame_vocabularies import Vocabularies, split_text
from recframe.recommendation.data.timelines import in_order

if TYPE_CHECKING:
    import polars as pl

EVENT = ("user", "item", "timestamp")
ITEM = ("title", "genres")


def frame_examples(
    df: Any,
    input_spec: Any,
    mapping: Mapping[str, str],
    vocab_dir: Path | None,
    min_timeline_length: int,
    max_context_length: int | None,
    separator: str | None,
    seed: int,
) -> tuple[Examples, Vocab]:
    """The examples of a frame, as of MovieLens ratings, and its items; see `DataLoader.from_dataframe`."""
    inputs, label = read_spec(input_spec)
    if min_timeline_length < 1:
        raise ApiValueError(f"min_timeline_length is {min_timeline_length}; it must be at least 1")
    if max_context_length is not None and max_context_length < 1:
        raise ApiValueError(f"max_context_length is {max_context_length}; it must be at least 1")
    frame = to_polars(df)
    names = {feature.name for feature in (*inputs, label)}
    check_mapping(mapping, {*names, *EVENT, *ITEM})
    columns = _columns(frame, mapping, inputs, label)
    frame = _sorted(frame, columns, seed)
    user = frame[columns["user"]]
    changes = np.flatnonzero((user != user.shift()).to_numpy()[1:]) + 1
    targets = find_targets(np.concatenate([[0], changes, [len(user)]]).astype(np.int64), min_timeline_length)
    if len(targets) == 0:
        raise DataError(f"no user has {max(2, min_timeline_length)} events; lower min_timeline_length")
    vocabularies = Vocabularies(vocab_dir)
    items = _values(frame[columns["item"]], label, vocabularies, None)
    assert isinstance(items, np.ndarray)
    context = max_context_length or max(
        (feature.length for feature in inputs if feature.keep_last), default=max((f.length for f in inputs), default=1)
    )
    found = {}
    for feature in inputs:
        column = columns[feature.name]
        # The item's id is one word whatever is in it.
        values = _values(frame[column], feature, vocabularies, None if column == columns["item"] else separator)
        found[feature.name] = finish(_windows(values, feature, targets, context, max_context_length), feature)
    ids = finish(items, label)
    labels = ids[targets.event]
    warn_unknown(labels, label)
    texts = vocabularies.of([*inputs, label])
    return Examples(found, labels, label.name, texts), _vocab(frame, ids, columns, separator)


def to_polars(df: Any) -> pl.DataFrame:
    """A Polars frame as it is; a pandas or Arrow table as one."""
    try:
        return tables.to_polars(df, "df")
    except TypeError as error:
        raise ApiValueError(str(error)) from None


def _columns(
    frame: pl.DataFrame, mapping: Mapping[str, str], inputs: list[FeatureColumn], label: FeatureColumn
) -> dict[str, str]:
    """The column of the events' parts, of each feature, and of the items' titles and genres where they are given.

    A feature without a column of its name is the item's, if it has the label's type, vocabulary and size.
    """
    columns = {}
    for name in EVENT:
        columns[name] = mapping.get(name, name)
    if "item" not in mapping:  # what the label's name stands for is the item too
        columns["item"] = mapping.get(label.name, label.name if label.name in frame.columns else "item")
    for feature in inputs:
        kind = (feature.type, feature.vocab_name, feature.vocab_size)
        same = kind == (label.type, label.vocab_name, label.vocab_size)
        default = columns["item"] if same and feature.name not in frame.columns else feature.name
        columns[feature.name] = mapping.get(feature.name, default)
    columns |= {name: mapping[name] for name in ITEM if name in mapping}
    for name, column in columns.items():
        if column not in frame.columns:
            near = difflib.get_close_matches(column, frame.columns, n=1, cutoff=0.7)
            hint = f"the nearest is {near[0]!r}" if near else f"the columns are {', '.join(frame.columns)}"
            raise DataError(f"no column {column!r} for {name!r}: {hint}; name it in mapping[{name!r}]")
    return columns


def _sorted(frame: pl.DataFrame, columns: Mapping[str, str], seed: int) -> pl.DataFrame:
    """By user and time. Raises DataError for an event that lacks a part."""
    if len(frame) == 0:
        raise DataError("the frame has no rows")
    time = frame[columns["timestamp"]]
    if not (time.dtype.is_numeric() or time.dtype.is_temporal()):
        message = f"column {time.name!r}, the timestamp, is {time.dtype}; make it a number or a date first"
        raise DataError(message)
    for name in EVENT:
        series = frame[columns[name]]
        bad = series.is_null() | (series.is_nan() if series.dtype.is_float() else False)
        if bad.any():
            raise DataError(f"row {bad.arg_max()} has no {name} in column {columns[name]!r}; fill it or drop the row")
    (users, user), (items, item), (_, moment) = (_codes(frame[columns[name]]) for name in EVENT)
    return frame[in_order(FileEvents(user, item, moment, users, items), seed)]


def _codes(values: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """The distinct values in order, and int64 the place of each value among them."""
    distinct = values.unique().sort()
    places = distinct.to_frame("value").with_row_index("place")
    codes = values.to_frame("value").join(places, on="value", how="left", maintain_order="left")["place"]
    return distinct.to_numpy(), codes.to_numpy().astype(np.int64)


def _values(
    series: pl.Series, feature: FeatureColumn, vocabularies: Vocabularies, separator: str | None
) -> np.ndarray | Lists:
    """The values of a feature at the events: int64 ids or float32, or lists of ids."""
    import polars as pl

    if feature.vocab_name:
        return vocabularies.ids(series, feature, separator)
    wanted = pl.Float32() if feature.type == FLOAT else pl.Int64()
    try:
        if series.dtype == pl.String() and feature.type != FLOAT:
            whole = series.cast(pl.Int64(), strict=False)
            lost = whole.null_count() > series.null_count()
            series = series.cast(pl.Float64()) if lost else whole  # 2.0 is whole too
        numbers = series.cast(wanted)
        if feature.type != FLOAT and series.dtype.is_float() and not (numbers == series).fill_null(True).all():
            raise DataError(f"column {series.name!r} of {feature.name} has numbers that are not whole; round them")
    except pl.exceptions.PolarsError as error:
        first = str(error).splitlines()[0]
        hint = "" if feature.type == FLOAT else "; ids that are text need a vocab_name"
        raise DataError(f"column {series.name!r} of {feature.name} is not all numbers: {first}{hint}") from None
    values = numbers.fill_null(0)
    return (values.fill_nan(0) if feature.type == FLOAT else values).to_numpy()


def _windows(
    values: np.ndarray | Lists, feature: FeatureColumn, targets: Targets, context: int, limit: int | None
) -> np.ndarray:
    if isinstance(values, Lists):
        return entries(values, targets, feature.length, context)
    return steps(values, targets, feature.length, limit)


def _vocab(frame: pl.DataFrame, ids: np.ndarray, columns: Mapping[str, str], separator: str | None) -> Vocab:
    """The items by falling count, from the first row of each."""
    from recframe.builtin.datasets.tabular.column_types import as_text

    titles = as_text(frame[columns.get("title", columns["item"])]).fill_null("")
    genres = split_text(frame[columns["genres"]], separator) if "genres" in columns else None
    known = np.flatnonzero(ids > 0)
    found, first, counts = np.unique(ids[known], return_index=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    rows = known[first]
    listed = genres[rows].to_list() if genres is not None else [[]] * len(rows)
    shown = titles[rows].to_list()
    return {
        int(found[i]): {"id": int(found[i]), "title": shown[i], "genres": listed[i] or [], "count": int(counts[i])}
        for i in order.tolist()
    }
