"""The vocabulary files beside MovieLens examples, in Model Maker's formats and orders."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

if TYPE_CHECKING:
    import polars as pl

UNKNOWN_GENRE = "UNK"
GENRE_FILE, YEAR_FILE = "movie_genre_vocab.txt", "movie_year_vocab.txt"
_YEAR = re.compile(r"\(([0-9]{4})\)")


@frozen(eq=False)
class Movies:
    """The movies, in order of their file.

    Attributes:
        ids: int64 [movies] raw ids.
        years: int64 [movies]; 0 where the title has none.
    """

    ids: np.ndarray
    titles: list[str]
    genres: list[list[str]]

    @classmethod
    def of(cls, table: pl.DataFrame) -> Movies:
        """Of a table with the columns movieId, title and genres."""
        return cls(table["movieId"].to_numpy(), table["title"].to_list(), table["genres"].to_list())

    def with_made_up(self, ids: np.ndarray) -> Movies:
        """These and others, of which nothing but the id is known."""
        titles = [f"Movie {movie}" for movie in ids]
        return Movies(np.concatenate([self.ids, ids]), self.titles + titles, self.genres + [[]] * len(ids))

    @cached_property
    def years(self) -> np.ndarray:
        years = [_YEAR.search(title) for title in self.titles]  # Model Maker took the first
        return np.array([int(year[1]) if year else 0 for year in years], np.int64)

    def genre_words(self) -> list[str]:
        """`UNK`, then the genres by falling number of movies; equal numbers in the order of the file."""
        return [UNKNOWN_GENRE, *_by_count(genre for genres in self.genres for genre in genres)]

    def year_words(self) -> list[str]:
        return ["0", *_by_count(str(year) for year in self.years.tolist() if year)]


def _by_count(words: Iterable[str]) -> list[str]:
    return [word for word, _ in Counter(words).most_common()]


def vocabulary_files(
    movies: Movies, counts: np.ndarray, vocab_filename: str
) -> tuple[dict[str, str], dict[str, int | str]]:
    """The texts of the three files by name, and their part of the meta data.

    Args:
        counts: int [movies] ratings of each.
    """
    rows = [
        [int(movies.ids[i]), movies.titles[i], "|".join(movies.genres[i]), int(counts[i])]
        for i in np.argsort(-counts, kind="stable")
    ]
    genres, years = movies.genre_words(), movies.year_words()
    texts = {vocab_filename: json.dumps(rows, indent=2), GENRE_FILE: _lines(genres), YEAR_FILE: _lines(years)}
    return texts, {
        "vocab_size": len(rows),
        "vocab_file": vocab_filename,
        "vocab_max_id": int(movies.ids.max()),
        "year_vocab_size": len(years),
        "year_vocab_file": YEAR_FILE,
        "genre_vocab_size": len(genres),
        "genre_vocab_file": GENRE_FILE,
    }


def _lines(words: Iterable[str]) -> str:
    return "".join(f"{word}\n" for word in words)
