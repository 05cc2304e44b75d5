"""Reads the movies of a MovieLens dataset in any layout: ids, titles and genres."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import frozen

from recframe import DataError
from recframe.builtin.datasets.movielens.layouts import INTEGER, Layout, read_header

MOVIE_COLUMNS = ("movieId", "title", "genres")
#: The genres of the flags in u.item, in order, for a folder without u.genre.
# fmt: off
GENRES_100K = [
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama",
    "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
]
# fmt: on
NO_GENRES = ("", "unknown", "(no genres listed)")


@frozen
class Movie:
    """The title of a movie, as in the file, and its genres."""

    title: str
    genres: tuple[str, ...]


def read_movies(path: Path, layout: Layout) -> dict[int, Movie]:
    """The movies by raw id. Raises DataError with the line of the first invalid row."""
    movies: dict[int, Movie] = {}
    for number, raw, title, genres in _movie_rows(path, layout):
        if not INTEGER.fullmatch(raw):
            raise DataError(f"{path}, line {number}, column movieId: {raw!r} is not a whole number; correct the line")
        movie = Movie(title, tuple(genre for genre in genres if genre not in NO_GENRES))
        if movies.setdefault(int(raw), movie) != movie:
            raise DataError(
                f"{path}, line {number}: movieId {raw} occurred before with another title or other genres; remove one"
            )
    if not movies:
        raise DataError(f"{path} has no movies; unpack the MovieLens zip again")
    return movies


def _movie_rows(path: Path, layout: Layout) -> Iterator[tuple[int, str, str, list[str]]]:
    """Line number, id, title and genres of each row, all as text."""
    if layout.header:
        columns = read_header(path, MOVIE_COLUMNS)
        pick = [columns.index(name) for name in MOVIE_COLUMNS]
        encodings: tuple[str, ...] = ("utf-8-sig",)
    else:
        # ml-1m is Latin-1, and ml-10m, with the same layout, is UTF-8. Latin-1 accents are not valid UTF-8.
        encodings = ("utf-8", "latin-1") if layout.separator == "::" else ("latin-1",)
    genre_file = path.with_name("u.genre")
    flags = GENRES_100K
    if layout.movies == "u.item" and genre_file.exists():
        flags = [line.split("|")[0] for line in genre_file.read_text("latin-1").splitlines() if "|" in line]
    width = len(columns) if layout.header else 3 if layout.separator == "::" else 5 + len(flags)
    for number, fields in _split(path, layout, _encoding(path, encodings)):
        if len(fields) != width:
            raise DataError(f"{path}, line {number}: {len(fields)} of {width} fields in {fields!r:.80}; correct it")
        if layout.movies == "u.item":
            yield number, fields[0], fields[1], [g for g, on in zip(flags, fields[5:], strict=True) if on == "1"]
        else:
            raw, title, genres = (fields[i] for i in pick) if layout.header else fields
            yield number, raw, title, genres.split("|")


def _split(path: Path, layout: Layout, encoding: str) -> Iterator[tuple[int, list[str]]]:
    with path.open(encoding=encoding, newline="" if layout.header else None) as file:
        if layout.header:
            reader = csv.reader(file)
            next(reader)
            yield from ((reader.line_num, fields) for fields in reader if fields)
        else:
            separator = "|" if layout.movies == "u.item" else layout.separator
            lines = ((number, line.rstrip("\n")) for number, line in enumerate(file, 1))
            yield from ((number, line.split(separator)) for number, line in lines if line)


def _encoding(path: Path, encodings: Sequence[str]) -> str:
    content = path.read_bytes()
    for encoding in encodings:
        try:
            content.decode(encoding)
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
        else:
            return encoding
    raise DataError(f"{path}, line {line}: the text is not UTF-8; save the file as UTF-8")
