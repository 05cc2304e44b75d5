"""Finds the columns of a table of events by their purpose, and has the tabular dataset read the events."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from recframe.errors import DataError
from recframe.errors.nearest import listing
from recframe.interactions import tables
from recframe.interactions.interactions import Column, Interactions
from recframe.plugin.registry import Registries
from recframe.plugin.types import DatasetContext
from recframe.recommendation.api_errors import ApiValueError
from recframe.recommendation.feature_columns import FLOAT, FeatureColumn, check_mapping, read_spec
from recframe.runtime.encoding import text_of
from recframe.spec.structure import options_from

if TYPE_CHECKING:
    import polars as pl

ROLES = ("user", "item", "timestamp")
SHOWN = ("title", "genres")
logger = logging.getLogger("recframe.recommendation")


@frozen
class EventColumns:
    """The columns of a table of events, by their purpose.

    Attributes:
        roles: The columns of ROLES.
        of_features: The column of each input feature.
        shown: The columns of SHOWN that the mapping, or the name of a feature, gives.
    """

    inputs: tuple[FeatureColumn, ...]
    label: FeatureColumn
    roles: Mapping[str, str]
    of_features: Mapping[str, str]
    shown: Mapping[str, str]

    @classmethod
    def of(cls, input_spec: Any, mapping: Mapping[str, str], names: list[str], where: str = "") -> EventColumns:
        """Find the columns of a table with these `names`; `where` begins the messages."""
        inputs, label = read_spec(input_spec)
        check_mapping(mapping, {*(feature.name for feature in (*inputs, label)), *ROLES, *SHOWN})
        roles = {name: mapping.get(name, name) for name in ROLES}
        if "item" not in mapping:  # the label's column holds the items
            roles["item"] = mapping.get(label.name, label.name if label.name in names else "item")
        of_features = {}
        for feature in inputs:
            is_item = feature.has_ids_of(label) and feature.name not in names
            of_features[feature.name] = mapping.get(feature.name, roles["item"] if is_item else feature.name)
        shown = {name: column for name in SHOWN if (column := mapping.get(name, of_features.get(name)))}
        for name, column in {**roles, **of_features, **shown}.items():
            if column not in names:
                hint = listing(column, names, "The columns are")
                raise DataError(f"{where}no column {column!r} for {name!r}: name one in mapping[{name!r}]{hint}")
            if column == roles["timestamp"] and name != "timestamp":
                raise DataError(f"{where}column {column!r} of {name!r} is the timestamp; give {name!r} a copy of it")
            if column == "item" != roles["item"]:  # Interactions call the item so
                raise DataError(f"{where}column 'item' of {name!r} is not the item; rename it")
        return cls(tuple(inputs), label, roles, of_features, shown)

    @property
    def options(self) -> dict[str, Any]:
        """How the tabular dataset reads the table."""
        further = {*self.of_features.values(), *self.shown.values()} - {*self.roles.values()}
        numbers = {self.of_features[feature.name] for feature in self.inputs if feature.type == FLOAT}
        return {"columns": dict(self.roles), "extra": sorted(further), "numbers": sorted(numbers & further)}

    def values(self, interactions: Interactions, column: str) -> Column:
        if column == self.roles["user"]:
            return Column(interactions.user_ids, interactions.user_of_event())
        return interactions.column("item" if column == self.roles["item"] else column)


def read_events(
    table: Any, input_spec: Any, mapping: Mapping[str, str], registries: Registries, seed: int, separator: str
) -> tuple[Interactions, EventColumns]:
    """The events of a CSV file, whose `table` is a Path, or of a Polars, pandas or Arrow table.

    A list in the table becomes a text, in which the `separator` stands between its words.

    Raises:
        ApiValueError: The value is not a table.
        DataError: The file cannot be read, a column is missing, or an event lacks a part.
    """
    import polars as pl

    dataset = registries.datasets["tabular"]
    # No option of the dataset can be set here, so no message may name one.
    context = DatasetContext(seed=seed, cache=Path(), say=logger.info, option=lambda name: None)
    if isinstance(table, Path):
        try:
            names = pl.read_csv(table, n_rows=0).columns
        except (OSError, pl.exceptions.PolarsError) as error:
            raise DataError(f"{table} cannot be read: {str(error).splitlines()[0]}") from None
        columns = EventColumns.of(input_spec, mapping, names, f"{table}: ")
        # Only the order of times counts. As microseconds, times of any larger unit are not in the future.
        options = {"path": str(table), "format": "csv", "separator": ",", "time_unit": "us", **columns.options}
        return dataset.load(options_from(options, dataset.options), context), columns
    try:
        frame = tables.to_polars(table, "df")
    except TypeError as error:
        raise ApiValueError(str(error)) from None
    columns = EventColumns.of(input_spec, mapping, frame.columns)
    for feature in columns.inputs:
        column = columns.of_features[feature.name]
        if feature.vocab_name and frame.schema[column].is_float():
            what = "column %r of %s holds numbers, which become words: 1.10 and 1.1 are the same word"
            logger.warning(what, column, feature.name)
    times = _in_order(frame[columns.roles["timestamp"]])
    lists = [name for name in columns.options["extra"] if isinstance(frame.schema[name], pl.List)]
    joined = [pl.col(name).map_elements(lambda words: _join(words, separator), pl.String) for name in lists]
    return dataset.from_table(frame.with_columns(times, *joined), columns.options, context), columns


def _in_order(times: pl.Series) -> pl.Series:
    """Numbers and dates as ranks, so that any unit and any range is allowed; texts as they are."""
    if times.dtype.is_float():
        times = times.fill_nan(None)
    return times.rank("dense").cast(int) - 1 if times.dtype.is_numeric() or times.dtype.is_temporal() else times


def _join(words: pl.Series, separator: str) -> str:
    return separator.join(text_of(word) for word in words if word is not None)
