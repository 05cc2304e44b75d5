"""The file layouts of the MovieLens datasets: finds the layout of a folder, and reads and checks the ratings."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from recframe import DataError, nearest, override

if TYPE_CHECKING:
    import polars as pl

RATING_COLUMNS = ("userId", "movieId", "rating", "timestamp")
LARGEST_RATING = 1e6  # far beyond any scale, and safe in float32
INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


@frozen
class Layout:
    """The names and the format of the files of a dataset."""

    ratings: str
    movies: str
    separator: str
    header: bool = False


LAYOUTS = (
    Layout("ratings.csv", "movies.csv", ",", header=True),
    Layout("ratings.dat", "movies.dat", "::"),
    Layout("u.data", "u.item", "\t"),
)


def find_layout(folder: Path, option: str = "dataset.path") -> Layout:
    """The layout of a folder.

    Args:
        option: The option for the folder, for messages.

    Raises:
        DataError: The folder has no known layout, or one of its two files is missing.
    """
    if not folder.exists():
        raise DataError(f"no folder {folder}; set {option} to the folder of an unpacked MovieLens dataset")
    if not folder.is_dir():
        raise DataError(f"{folder} is a file; {option} must be the folder of an unpacked MovieLens dataset")
    names = {path.name for path in folder.iterdir()}
    for layout in LAYOUTS:
        if {layout.ratings, layout.movies} <= names:
            return layout
    for layout in LAYOUTS:
        here, absent = (layout.ratings, layout.movies) if layout.ratings in names else (layout.movies, layout.ratings)
        if here in names:
            raise DataError(f"{folder} has {here} but no {absent}; unpack the whole MovieLens zip there")
    listed = ", ".join(sorted(names)[:10]) + (", ..." if len(names) > 10 else "") if names else "nothing"
    expected = "; or ".join(f"{layout.ratings} with {layout.movies}" for layout in LAYOUTS)
    subfolder = next(
        (name for name in sorted(names) if any((folder / name / lay.ratings).exists() for lay in LAYOUTS)), ""
    )
    hint = f". Its folder {subfolder} has them: use {override(option, folder / subfolder)}" if subfolder else ""
    raise DataError(f"{folder} is not a MovieLens folder: it contains {listed}; expected {expected}{hint}")


def read_ratings(path: Path, layout: Layout) -> pl.DataFrame:
    """The rows of a ratings file in its order: userId, movieId, timestamp int64 and rating float32, without nulls.

    Raises:
        DataError: A row is invalid. The message has its line, column and value.
    """
    import polars as pl

    columns = read_header(path, RATING_COLUMNS) if layout.header else RATING_COLUMNS
    if path.stat().st_size == 0:
        raise DataError(f"{path} is empty; unpack the MovieLens zip again")
    types = dict.fromkeys(RATING_COLUMNS, pl.Int64()) | {"rating": pl.Float32()}
    schema = {name: types.get(name, pl.String()) for name in columns}
    separator, source = layout.separator, path.read_bytes()
    if len(separator) > 1:
        # Polars accepts only one byte. The unit separator occurs in no text, so a stray tab is still an error.
        separator, source = "\x1f", source.replace(separator.encode(), b"\x1f")
    message = ""
    quote = '"' if layout.header else None
    try:
        frame = pl.read_csv(
            source, has_header=layout.header, separator=separator, schema=schema, quote_char=quote
        ).select(RATING_COLUMNS)
    except pl.exceptions.PolarsError as error:
        frame, message = pl.DataFrame(schema=types), str(error).splitlines()[0]
    if quote and source.count(b'"') % 2:
        message = message or "a quotation mark is not closed"  # Polars accepts it at the end of a file
    nulls = sum(frame.null_count().row(0)) if len(frame) else 0
    bad = (pl.col("rating").abs() >= LARGEST_RATING) | pl.col("rating").is_nan() | (pl.col("timestamp") < 0)
    if message or nulls or frame.select(bad.any()).item():
        _raise_first_problem(path, layout, columns)
        if message:
            raise DataError(f"{path} cannot be read: {message}; unpack the MovieLens zip again")
        frame = frame.drop_nulls()  # blank lines, which Polars reads as rows of nulls
    if len(frame) == 0:
        raise DataError(f"{path} has no ratings; unpack the MovieLens zip again")
    return frame


def _raise_first_problem(path: Path, layout: Layout, columns: Sequence[str]) -> None:
    """Raise DataError for the first invalid line. This is slow, so it runs only after the fast reader has failed."""
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            line = line.rstrip("\n")
            if not line or (layout.header and number == 1):
                continue
            fields = line.split(layout.separator)
            where = f"{path}, line {number}"
            if len(fields) != len(columns):
                advice = "the row is incomplete or broken; unpack the zip again or remove the line"
                raise DataError(f"{where}: {len(fields)} of {len(columns)} fields in {line[:80]!r}: {advice}")
            for column, text in zip(columns, fields, strict=True):
                quoted = len(text) > 1 and text[0] == text[-1] == '"'
                problem = _problem(column, text[1:-1] if quoted else text)
                if problem:
                    raise DataError(f"{where}, column {column}: {text!r} {problem}; correct or remove the line")


def _problem(column: str, text: str) -> str:
    if column not in RATING_COLUMNS:
        return ""
    if text == "":
        return "is empty"
    if column == "rating":
        return "" if _NUMBER.fullmatch(text) and abs(float(text)) < LARGEST_RATING else "is not a number"
    if not INTEGER.fullmatch(text):
        return "is not a whole number"
    return "is negative" if column == "timestamp" and int(text) < 0 else ""


def read_header(path: Path, expected: Sequence[str]) -> list[str]:
    """The column names in the first line of a csv file. Raises DataError if an expected name is missing."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        names = next(csv.reader(file), [])
    if not names:
        raise DataError(f"{path} is empty, or its first line is; unpack the MovieLens zip again")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise DataError(f"{path}, line 1: two columns are called {twice!r}; rename one")
    for name in expected:
        if name not in names:
            near = nearest(name, names, any_case=True)
            hint = (
                f"; the nearest is {near!r}: rename it" if near else f"; the first line must name {', '.join(expected)}"
            )
            raise DataError(f"{path}, line 1: no column {name!r} among {', '.join(map(repr, names))}{hint}")
    return names
