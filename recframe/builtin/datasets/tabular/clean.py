"""The parts of an event, checked row by row: ids, times, ratings, kinds of event."""

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
#: Names of the checked columns, which no column of a file is likely to have.
USER, ITEM, TIME, RATING, EVENT, NUMBER = "\0user", "\0item", "\0time", "\0rating", "\0event", "\0number"

_LINE_BREAKS = "\n\r\u2028\u2029\u0085\v\f\x1c-\x1e]"
_WRONG_IDS: dict[str, Callable[[pl.Series], pl.Series]] = {
    "a NUL character": lambda ids: ids.str.contains("\0", literal=True),
    "a line break, or no character": lambda ids: ids.str.contains("[" + _LINE_BREAKS) | (ids == ""),
    f"more than {LONGEST:,} characters": lambda ids: ids.str.len_chars() > LONGEST,
}


def clean(batch: RowBatch, plan: Plan, kinds: EventKinds, ledger: Ledger) -> RowBatch:
    """The rows that can be used and that count, with `USER` and `ITEM` Int64 or String, `TIME` Int64 nanoseconds,
    `RATING` Float64 and `EVENT` String beside the file's own columns, each where there is such a column. Lists of items
    stay as they are.

    Raises:
        DataError: For the first row that cannot be used, unless such are skipped.
    """
    options, columns = plan.options, plan.columns
    if "timestamp" in plan.roles:
        # First of all, since a format that is not known is a matter of the file and not of a row.
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
        DataError: For a column that holds neither text nor numbers, and for a row without an id.
    """
    import polars as pl

    kind = batch.frame[column].dtype
    batch = ledger.reject(batch, batch.frame[column].is_null(), column, "is no id")
    values = batch.frame[column]
    if kind.is_integer() or (isinstance(kind, pl.Decimal) and kind.scale == 0):
        ids = values.cast(pl.Int64(), strict=False)
        # Beyond int64, as 64-bit hashes are: the numbers' texts.
        return _with(batch, values.cast(pl.String()) if ids.null_count() else ids, column, name, "is no id", ledger)
    if kind.is_float():
        return _ids_of_floats(batch, column, name, ledger)
    batch = evolve(batch, frame=batch.frame.with_columns(_texts_of_ids(batch, column).alias(name)))
    ids = batch.frame[name]
    # A vocabulary has a line for each id, and NumPy drops NUL at the end of a text.
    if (ids.str.contains("[\0" + _LINE_BREAKS) | (ids == "") | (ids.str.len_bytes() > LONGEST)).any():
        for problem, wrong in _WRONG_IDS.items():
            batch = ledger.reject(batch, wrong(batch.frame[name]), column, f"is no id: it has {problem}")
    return batch


def _ids_of_floats(batch: RowBatch, column: str, name: str, ledger: Ledger) -> RowBatch:
    import polars as pl

    values = batch.frame[column]
    exact = "is no id: above 2^53 numbers with a decimal point are not exact; write all ids whole, or as text"
    batch = ledger.reject(batch, values.is_finite() & (values.abs() >= 2**53), column, exact)
    values = batch.frame[column]
    ids = values.set(~(values == values.floor()) | ~values.is_finite(), None).cast(pl.Int64())
    return _with(batch, ids, column, name, "is no id: it is not a whole number", ledger)


def _texts_of_ids(batch: RowBatch, column: str) -> pl.Series:
    """String: ids that are no numbers. Raises DataError for a column of another kind, or of several."""
    import polars as pl

    values = batch.frame[column]
    kind = values.dtype
    if isinstance(kind, pl.String | pl.Categorical | pl.Enum | pl.Null):
        return values.cast(pl.String())
    if isinstance(kind, pl.Object):  # of pandas or Python: UUIDs and the like
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
    """Whether a column that has a type holds text or whole numbers as ids, in words."""
    import polars as pl

    numbers = isinstance(ids[0], int) if isinstance(ids.dtype, pl.Object) else ids.dtype.is_numeric()
    return "whole numbers" if numbers else "text"


def _binary_id(value: bytes) -> str:
    return str(uuid.UUID(bytes=value)) if len(value) == 16 else value.hex()


def _with(batch: RowBatch, values: pl.Series, column: str, name: str, problem: str, ledger: Ledger) -> RowBatch:
    """The batch with values as `name`, without the rows in which they are null."""
    widened = evolve(batch, frame=batch.frame.with_columns(values.alias(name)))
    return ledger.reject(widened, values.is_null(), column, problem) if values.null_count() else widened


def _clean_times(batch: RowBatch, column: str, unit: str, format: str | None, ledger: Ledger) -> RowBatch:
    values = batch.frame[column]
    times = to_nanoseconds(values if format is None else parse_times(values, format), unit)
    problem = f"is no time in the format {format!r}" if format else "is no time: give seconds, a date, or ISO 8601"
    if 2 * times.null_count() > len(values):
        problem += proposal(values.filter(times.is_null()), ledger.option("time_format"))
    batch = _with(batch, times, column, TIME, problem, ledger)
    batch = ledger.reject(batch, batch.frame[TIME] < 0, column, "is a time before 1970")
    limit = (int(time.time()) + DAY) * NANOSECONDS  # clocks differ, and a time without a zone may be ahead
    late = batch.frame[TIME] > limit
    problem = "lies in the future"
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
    batch = _with(batch, ratings, column, RATING, "is no rating: give a number", ledger)
    if least is not None:
        batch = ledger.filter(batch, batch.frame[RATING] >= least, f"the rating is below {least:g}")
    return batch


def clean_numbers(batch: RowBatch, columns: Sequence[str], ledger: Ledger) -> RowBatch:
    """The batch with those of the columns that it has as numbers; an empty value is null.

    Raises:
        DataError: For the first row with something else, unless such are skipped.
    """
    import polars as pl

    for column in columns:
        if column not in batch.frame.columns or batch.frame[column].dtype.is_numeric():
            continue
        values = batch.frame[column]
        if values.dtype.is_nested() or values.dtype.is_temporal():
            raise DataError(f"{batch.file}, column {column}: dataset.numbers names it, and it holds {values.dtype}")
        texts = values.cast(pl.String(), strict=False).str.strip_chars()
        numbers = texts.cast(pl.Float64(), strict=False)
        wrong = (texts.fill_null("") != "") & ~numbers.is_finite().fill_null(False)
        batch = evolve(batch, frame=batch.frame.with_columns(numbers.alias(NUMBER)))
        batch = ledger.reject(batch, wrong, column, "is no number")
        batch = evolve(batch, frame=batch.frame.with_columns(batch.frame[NUMBER].alias(column)).drop(NUMBER))
    return batch
