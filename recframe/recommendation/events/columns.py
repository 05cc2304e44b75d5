"""Which column of a table of events is what, and the events as the tabular dataset reads them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
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
LIST_SEPARATOR = "\x1f"  # between the words of a column of lists; it occurs in no text
logger = logging.getLogger("recframe.recommendation")


@frozen
class EventColumns:
    """Which column is what.

    Attributes:
        roles: The columns of ROLES.
        of_features: The column of each input feature.
        shown: The columns of SHOWN, where the mapping, or the name of a feature, gives them.
        lists: The columns that hold lists, which are read as texts with LIST_SEPARATOR.
    """

    inputs: tuple[FeatureColumn, ...]
    label: FeatureColumn
    roles: Mapping[str, str]
    of_features: Mapping[str, str]
    shown: Mapping[str, str]
    lists: frozenset[str] = frozenset()

    @classmethod
    def of(cls, input_spec: Any, mapping: Mapping[str, str], names: Sequence[str], where: str = "") -> EventColumns:
        """A feature without a column of its name is the item's, if it has the label's type, vocabulary and size.

        Args:
            names: The columns that the table has.
            where: What messages on a column begin with.
        """
        inputs, label = read_spec(input_spec)
        check_mapping(mapping, {*(feature.name for feature in (*inputs, label)), *ROLES, *SHOWN})
        roles = {name: mapping.get(name, name) for name in ROLES}
        if "item" not in mapping:  # what the label's name stands for is the item too
            roles["item"] = mapping.get(label.name, label.name if label.name in names else "item")
        of_features = {}
        for feature in inputs:
            default = roles["item"] if feature.ids == label.ids and feature.name not in names else feature.name
            of_features[feature.name] = mapping.get(feature.name, default)
        shown = {name: column for name in SHOWN if (column := mapping.get(name, of_features.get(name)))}
        for name, column in {**roles, **of_features, **shown}.items():
            if column not in names:
                hint = listing(column, names, "The columns are")
                raise DataError(f"{where}no column {column!r} for {name!r}: name one in mapping[{name!r}]{hint}")
            if column == roles["timestamp"] and name != "timestamp":
                raise DataError(f"{where}column {column!r} of {name!r} is the timestamp; give {name!r} a copy of it")
            if column == "item" != roles["item"]:  # of interactions, that name is the item's
                raise DataError(f"{where}column 'item' of {name!r} is not the item; rename it")
        return cls(tuple(inputs), label, roles, of_features, shown)

    @property
    def options(self) -> dict[str, Any]:
        """How the tabular dataset reads the table."""
        roles, further = set(self.roles.values()), {*self.of_features.values(), *self.shown.values()}
        numbers = {self.of_features[feature.name] for feature in self.inputs if feature.type == FLOAT}
        return {
            "columns": dict(self.roles),
            "extra": sorted(further - roles),
            "numbers": sorted(numbers - roles),
        }

    def values(self, interactions: Interactions, column: str) -> Column:
        """The values of a column of the table at the events."""
        if column == self.roles["user"]:
            return Column(interactions.user_ids, interactions.user_of_event())
        return interactions.column("item" if column == self.roles["item"] else column)

    def separator(self, column: str, of_texts: str | None) -> str | None:
        """What stands between the words of a column, where `of_texts` does in texts; the item's id is one word."""
        if column == self.roles["item"]:
            return None
        return LIST_SEPARATOR if column in self.lists else of_texts


@frozen
class CsvFile:
    """A csv file with a header, as a table."""

    path: Path


def read_events(
    table: Any, input_spec: Any, mapping: Mapping[str, str], registries: Registries, seed: int
) -> tuple[Interactions, EventColumns]:
    """The events of a csv file, or of a Polars, pandas or Arrow table.

    Raises:
        ApiValueError: for what is no table.
        DataError: The file cannot be read, a column is missing, or an event lacks a part.
    """
    import polars as pl

    dataset = registries.datasets["tabular"]
    # Whoever reads a table here sets none of the dataset's options.
    context = DatasetContext(seed=seed, cache=Path(), say=logger.info, option=lambda name: None)
    if isinstance(table, CsvFile):
        try:
            names = pl.read_csv(table.path, n_rows=0).columns
        except (OSError, pl.exceptions.PolarsError) as error:
            raise DataError(f"{table.path} cannot be read: {str(error).splitlines()[0]}") from None
        columns = EventColumns.of(input_spec, mapping, names, f"{table.path}: ")
        # Only the order of the times counts: read as microseconds, those of a larger unit are no future either.
        options = {"path": str(table.path), "format": "csv", "separator": ",", "time_unit": "us", **columns.options}
        return dataset.load(options_from(options, dataset.options), context), columns
    try:
        frame = tables.to_polars(table, "df")
    except TypeError as error:
        raise ApiValueError(str(error)) from None
    columns = EventColumns.of(input_spec, mapping, frame.columns)
    _warn_of_floats(frame, columns)
    lists = [column for column in columns.options["extra"] if isinstance(frame[column].dtype, pl.List)]
    columns = attrs.evolve(columns, lists=frozenset(lists))
    frame = frame.with_columns(
        *(_joined(frame[column]) for column in lists), _in_order(frame[columns.roles["timestamp"]])
    )
    return dataset.from_table(frame, columns.options, context), columns


def _warn_of_floats(frame: pl.DataFrame, columns: EventColumns) -> None:
    for feature in columns.inputs:
        column = columns.of_features[feature.name]
        if feature.vocab_name and frame[column].dtype.is_float():
            what = "column %r of %s holds numbers, each of which is a word: 1.10 and 1.1 are the same one, %r"
            logger.warning(what, column, feature.name, "1.1")


def _in_order(times: pl.Series) -> pl.Series:
    """Numbers and dates as their places in order, so that any unit and any range will do; texts as they are."""
    if times.dtype.is_float():
        times = times.fill_nan(None)
    return times.rank("dense").cast(int) - 1 if times.dtype.is_numeric() or times.dtype.is_temporal() else times


def _joined(lists: pl.Series) -> pl.Series:
    """Each list as a text."""
    import polars as pl

    texts = [
        None if words is None else LIST_SEPARATOR.join(text_of(word) for word in words if word is not None)
        for words in lists
    ]
    return pl.Series(lists.name, texts, pl.String())
