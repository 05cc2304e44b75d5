"""Checks and converts the columns of events: ids, times, ratings and kinds of event."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from attrs import evolve

from recframe import DataError
from recframe.builtin.datasets.tabular.batch import RowBatch
from recframe.builtin.datasets.tabular.event_kinds import EventKinds, event_texts
from recframe.builtin.datasets.tabular.fixed_width import LONGEST
from recframe.builtin.datasets.tabular.ledger import Ledger, short
from recframe.builtin.datasets.tabular.plan import Plan
from recframe.builtin.datasets.tabular.time_formats import parse_times, proposal
from recframe.builtin.datasets.tabular.times import NANOSECONDS, is_number, to_nanoseconds

if TYPE_CHECKING:
    import polars as pl

DAY = 86_400
LARGEST_RATING = 1e6  # far beyond any scale, and safe in float32
#: Names of the converted columns. No column of a file is likely to have them.
USER, ITEM, TIME, RATING, EVENT, NUMBER = "\0user", "\0item", "\0time", "\0rating", "\0event", "\0number"

_LINE_BREAKS = "\n\r\u2028\u2029\u0085\v\f\x1c-\x1e]"
_WRONG_IDS: dict[str, Callable[[pl.Series], pl.Series]] = {
    "a NUL character": lambda ids: ids.str.contains("\0", literal=True),
    "a line break, or no character": lambda ids: ids.str.contains("[" + _LINE_BREAKS) | (ids == ""),
    f"more than {LONGEST:,} characters": lambda ids: ids.str.len_chars() > LONGEST,
}


def clean(batch: RowBatch, plan: Plan, kinds: EventKinds, ledger: Ledger) -> RowBatch:
    """The valid rows that pass the filters, with additional columns.

    The columns are `USER` and `ITEM` Int64 or String, `TIME` Int64 nanoseconds, `RATING` Float64 and `EVENT` String,
    each if the file has it. Lists of items are not converted.

    Raises:
        DataError: A row is invalid, and invalid rows are not skipped.
    """
    options, columns = plan.options, plan.columns
    if "timestamp" in plan.roles:
        # First, since a wrong time format concerns the whole file, not a row.
        batch = _clean_times(batch, plan.roles["timestamp"], options.time_unit, options.time_format, ledger)
    batch = clean_ids(batch, columns.user, USER, ledger)
    if not columns.lists:
        batch = clean_ids(batch, columns.item, ITEM, ledger)
    if columns.rating is not None:
        batch = _clean_ratings(batch, columns.rating, options.min_rating, ledger)
    if columns.event is not None:
        events = event_texts(batch, columns.event)
        batch = evolve(batch, frame=batch.frame.with_columns(events.alias(EVENT)))
        batch = kinds.keep(batch, events, ledger)
    return clean_numbers(batch, options.numbers, ledger)


def clean_ids(batch: RowBatch, column: str, name: str, ledger: Ledger) -> RowBatch:
    """The batch with a column of ids as `name`: Int64 or String, without null.

    Raises:
        DataError: The column holds neither text nor numbers, or a row has no valid id.
    """
    import polars as pl

    kind = batch.frame[column].dtype
    batch = ledger.reject(batch, batch.frame[column].is_null(), column, "is not an id")
    values = batch.frame[column]
    if kind.is_integer() or (isinstance(kind, pl.Decimal) and kind.scale == 0):
        ids = values.cast(pl.Int64(), strict=False)
        # Numbers beyond int64, such as 64-bit hashes, become texts.
        return _with(batch, values.cast(pl.String()) if ids.null_count() else ids, column, name, "is not an id", ledger)
    if kind.is_float():
        return _ids_of_floats(batch, column, name, ledger)
    batch = evolve(batch, frame=batch.frame.with_columns(_texts_of_ids(batch, column).alias(name)))
    ids = batch.frame[name]
    # A vocabulary file has one id per line, and NumPy drops NUL at the end of a text.
    if (ids.str.contains("[\0" + _LINE_BREAKS) | (ids == "") | (ids.str.len_bytes() > LONGEST)).any():
        for problem, wrong in _WRONG_IDS.items():
            batch = ledger.reject(batch, wrong(batch.frame[name]), column, f"is not an id: it has {problem}")
    return batch


def _ids_of_floats(batch: RowBatch, column: str, name: str, ledger: Ledger) -> RowBatch:
    import polars as pl

    values = batch.frame[column]
    exact = "is not an id: floating-point numbers from 2^53 are not exact; write ids as whole numbers or as text"
    batch = ledger.reject(batch, values.is_finite() & (values.abs() >= 2**53), column, exact)
    values = batch.frame[column]
    ids = values.set(~(values == values.floor()) | ~values.is_finite(), None).cast(pl.Int64())
    return _with(batch, ids, column, name, "is not an id: it is not a whole number", ledger)


def _texts_of_ids(batch: RowBatch, column: str) -> pl.Series:
    """String: ids that are not numbers. Raises DataError if the column has another type, or several types."""
    import polars as pl

    values = batch.frame[column]
    kind = values.dtype
    if isinstance(kind, pl.String | pl.Categorical | pl.Enum | pl.Null):
        return values.cast(pl.String())
    if isinstance(kind, pl.Object):  # Python objects, such as UUIDs
        types = [type(value) for value in values]
        at = next((at for at, one in enumerate(types) if one is not types[0]), None)
        if at is not None:
            raise DataError(
                f"{batch.where(at)}, column {column}: {short(values[at])} among ids such as {short(values[0])}: mixed "
                "id types; make all of them text, or all whole numbers"
            )
        return pl.Series([str(value) for value in values], dtype=pl.String())
    if isinstance(kind, pl.Binary):
        return pl.Series([_binary_id(value) for value in values], dtype=pl.String())
    raise DataError(f"{batch.file}, column {column}: ids are {kind}; make them text or whole numbers")


def kind_of_ids(ids: pl.Series) -> str:
    """The type of the ids in a typed column, for messages."""
    import polars as pl

    numbers = isinstance(ids[0], int) if isinstance(ids.dtype, pl.Object) else ids.dtype.is_numeric()
    return "whole numbers" if numbers else "text"


def _binary_id(value: bytes) -> str:
    return str(uuid.UUID(bytes=value)) if len(value) == 16 else value.hex()


def _with(batch: RowBatch, values: pl.Series, column: str, name: str, problem: str, ledger: Ledger) -> RowBatch:
    """The batch with values as column `name`. Rows with null are rejected."""
    widened = evolve(batch, frame=batch.frame.with_columns(values.alias(name)))
    return ledger.reject(widened, values.is_null(), column, problem) if values.null_count() else widened


def _clean_times(batch: RowBatch, column: str, unit: str, format: str | None, ledger: Ledger) -> RowBatch:
    values = batch.frame[column]
    times = to_nanoseconds(values if format is None else parse_times(values, format), unit)
    problem = (
        f"is not a time in the format {format!r}"
        if format
        else "is not a time: write seconds, a date, or a time in ISO 8601"
    )
    if 2 * times.null_count() > len(values):
        problem += proposal(values.filter(times.is_null()), ledger.option("time_format"))
    batch = _with(batch, times, column, TIME, problem, ledger)
    batch = ledger.reject(batch, batch.frame[TIME] < 0, column, "is a time before 1970")
    limit = (int(time.time()) + DAY) * NANOSECONDS  # clocks differ, and a time without a zone may be ahead of UTC
    late = batch.frame[TIME] > limit
    problem = "is in the future"
    option = ledger.option("time_unit")
    if option and late.any() and format is None and is_number(batch.frame[column][late.arg_max() or 0]):
        problem += f"; are these milliseconds? Then set {option}=ms" if unit == "s" else f"; is {option}={unit} right?"
    return ledger.reject(batch, late, column, problem)


def _clean_ratings(batch: RowBatch, column: str, least: float | None, ledger: Ledger) -> RowBatch:
    import polars as pl

    values = batch.frame[column]
    if values.dtype.is_nested() or values.dtype.is_temporal():
        raise DataError(f"{batch.file}, column {column}: ratings are {values.dtype}; make them numbers")
    ratings = values.cast(pl.Float64(), strict=False)
    ratings = ratings.set(~(ratings.abs() < LARGEST_RATING).fill_null(False) | ratings.is_nan(), None)
    batch = _with(batch, ratings, column, RATING, "is not a rating: write a number", ledger)
    if least is not None:
        batch = ledger.filter(batch, batch.frame[RATING] >= least, f"the rating is below {least:g}")
    return batch


def clean_numbers(batch: RowBatch, columns: Sequence[str], ledger: Ledger) -> RowBatch:
    """Convert those of the columns that the batch has to numbers. An empty value becomes null.

    Raises:
        DataError: A value is not a number, and invalid rows are not skipped.
    """
    import polars as pl

    for column in columns:
        if column not in batch.frame.columns or batch.frame[column].dtype.is_numeric():
            continue
        values = batch.frame[column]
        if values.dtype.is_nested() or values.dtype.is_temporal():
            raise DataError(
                f"{batch.file}, column {column}: dataset.numbers names it, but it holds {values.dtype}; remove it there"
            )
        texts = values.cast(pl.String(), strict=False).str.strip_chars()
        numbers = texts.cast(pl.Float64(), strict=False)
        wrong = (texts.fill_null("") != "") & ~numbers.is_finite().fill_null(False)
        batch = evolve(batch, frame=batch.frame.with_columns(numbers.alias(NUMBER)))
        batch = ledger.reject(batch, wrong, column, "is not a number")
        batch = evolve(batch, frame=batch.frame.with_columns(batch.frame[NUMBER].alias(column)).drop(NUMBER))
    return batch
