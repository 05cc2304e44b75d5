"""Converts tables in Python to Polars frames. pandas and PyArrow are needed only for their own tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recframe.errors import DataError

if TYPE_CHECKING:
    import polars as pl


def to_polars(table: Any, name: str = "the table") -> pl.DataFrame:
    """Convert a lazy Polars, pandas or Arrow table to a Polars frame. A Polars frame is returned unchanged.

    Args:
        name: The table's name in messages.

    Raises:
        TypeError: The value is not a table.
        DataError: The table cannot be converted.
    """
    import polars as pl

    if isinstance(table, pl.DataFrame):
        return table
    try:
        if isinstance(table, pl.LazyFrame):
            return table.collect(engine="streaming")
        if type(table).__name__ != "Series":  # one column, of Polars or of pandas, is not a table
            if type(table).__module__.split(".")[0] == "pandas":
                return pl.from_pandas(table)
            if hasattr(table, "__arrow_c_stream__"):
                return pl.DataFrame(table)
    except ImportError as error:
        raise DataError(f"{name}: a pandas frame cannot be read: {error}; pip install pyarrow") from None
    except (pl.exceptions.PolarsError, ValueError, TypeError, OSError) as error:
        raise _refusal(table, name, error) from None
    except Exception as error:  # PyArrow's own, which may not be installed
        if type(error).__module__.partition(".")[0] != "pyarrow":
            raise
        raise _refusal(table, name, error) from None
    raise TypeError(
        f"{name} is a {type(table).__module__}.{type(table).__name__}; pass a Polars or pandas DataFrame, or an Arrow "
        "table"
    )


def _refusal(table: Any, name: str, error: Exception) -> DataError:
    first, column = str(error).strip().partition("\n")[0], _first_bad_column(table)
    if column is None:
        return DataError(f"{name}: the frame cannot be converted: {first}; make its columns text or numbers")
    return DataError(
        f"{name}: column {column!r} cannot be converted: {first}; its values have several types: make all of them "
        "text, or all numbers"
    )


def _first_bad_column(table: Any) -> str | None:
    """The first column of a pandas frame that cannot be converted."""
    import polars as pl

    if type(table).__module__.split(".")[0] != "pandas":
        return None
    for name in table.columns:
        try:
            pl.from_pandas(table[[name]])
        except Exception:  # any error: the caller reports the error of the whole frame
            return str(name)
    return None
