"""The vocabulary files beside MovieLens examples, in Model Maker's formats and orders."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen

from recframe.builtin.datasets.movielens.movies import Movie
from recframe.errors import DataError
from recframe.files.json_text import parse_json
from recframe.recommendation.data.example_files import Staging

UNKNOWN_GENRE = "UNK"
GENRE_FILE, YEAR_FILE = "movie_genre_vocab.txt", "movie_year_vocab.txt"
_YEAR = re.compile(r"\(([0-9]{4})\)")


@frozen(eq=False)
class Catalogue:
    """The movies, in order of their file.

    Attributes:
        ids: int64 [movies] raw ids.
        movies: Titles and genres.
        years: int64 [movies]; 0 where the title has none.
    """

    ids: np.ndarray
    movies: tuple[Movie, ...]
    years: np.ndarray

    @classmethod
    def of(cls, movies: Mapping[int, Movie]) -> Catalogue:
        found = [_YEAR.search(movie.title) for movie in movies.values()]  # Model Maker took the first
        years = np.array([int(year[1]) if year else 0 for year in found], np.int64)
        return cls(np.fromiter(movies, np.int64), tuple(movies.values()), years)

    def genres(self) -> list[str]:
        """`UNK`, then the genres by falling number of movies; equal numbers in the order of the file."""
        return [UNKNOWN_GENRE, *_by_count(genre for movie in self.movies for genre in movie.genres)]

    def year_words(self) -> list[str]:
        return ["0", *_by_count(str(year) for year in self.years.tolist() if year)]


def _by_count(words: Iterable[str]) -> list[str]:
    return [word for word, _ in Counter(words).most_common()]


def write_vocabularies(files: Staging, vocab_filename: str, catalogue: Catalogue, counts: np.ndarray) -> dict[str, Any]:
    """Write the three files; returns their part of the meta data.

    Args:
        counts: int [movies] ratings of each.
    """
    order = np.argsort(-counts, kind="stable")
    rows = [
        [int(catalogue.ids[i]), catalogue.movies[i].title, "|".join(catalogue.movies[i].genres), int(counts[i])]
        for i in order
    ]
    files.path(vocab_filename).write_text(json.dumps(rows, indent=2), encoding="utf-8")
    genres, years = catalogue.genres(), catalogue.year_words()
    for name, words in ((GENRE_FILE, genres), (YEAR_FILE, years)):
        files.path(name).write_text("".join(f"{word}\n" for word in words), encoding="utf-8", newline="\n")
    return {
        "vocab_size": len(rows),
        "vocab_file": str(files.target / vocab_filename),
        "vocab_max_id": int(catalogue.ids.max()),
        "year_vocab_size": len(years),
        "year_vocab_file": str(files.target / YEAR_FILE),
        "genre_vocab_size": len(genres),
        "genre_vocab_file": str(files.target / GENRE_FILE),
    }


def load_vocab(vocab_file: str | Path) -> dict[int, dict[str, Any]]:
    """The items of a movie_vocab.json: id -> `{'id', 'title', 'genres', 'count'}`, in the order of the file.

    Raises:
        DataError: There is no such file, or it is not a JSON array of [id, title, genres, count].
    """
    try:
        rows = parse_json(Path(vocab_file).read_text(encoding="utf-8"))
        items = [(int(raw), str(title), str(genres), int(count)) for raw, title, genres, count in rows]
    except OSError as error:
        raise DataError(f"{vocab_file} cannot be read: {error.strerror}; generate it with build_vocabs=True") from None
    except (ValueError, TypeError) as error:
        wanted = "a JSON array of [id, title, genres, count]"
        raise DataError(f"{vocab_file} is not {wanted}: {error}; generate it again with build_vocabs=True") from None
    return {
        raw: {"id": raw, "title": title, "genres": genres.split("|") if genres else [], "count": count}
        for raw, title, genres, count in items
    }
