"""The vocabulary files beside MovieLens examples, in Model Maker's formats and orders."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from itertools import chain

import numpy as np

from recframe.interactions.interactions import Interactions

GENRE_FILE, YEAR_FILE = "movie_genre_vocab.txt", "movie_year_vocab.txt"


def genre_words(ratings: Interactions) -> list[str]:
    """`UNK`, then the genres by falling number of movies; equal numbers in the order of the file."""
    return _by_count("UNK", chain(*ratings.items["genres"]))


def vocabulary_files(ratings: Interactions, vocab_filename: str) -> tuple[dict[str, str], dict[str, int | str]]:
    """The texts of the three files by name, and their part of the meta data."""
    movies, counts = ratings.items, np.bincount(ratings.item, minlength=ratings.num_items)
    columns = (movies["id"].tolist(), movies["title"], map("|".join, movies["genres"]), counts.tolist())
    rows = sorted(zip(*columns, strict=True), key=lambda row: -row[3])
    genres, years = genre_words(ratings), _by_count("0", (str(year) for year in movies["year"].tolist() if year))
    texts = {vocab_filename: json.dumps(rows, indent=2), GENRE_FILE: _lines(genres), YEAR_FILE: _lines(years)}
    return texts, {
        "vocab_size": len(rows),
        "vocab_file": vocab_filename,
        "vocab_max_id": int(movies["id"].max()),
        "year_vocab_size": len(years),
        "year_vocab_file": YEAR_FILE,
        "genre_vocab_size": len(genres),
        "genre_vocab_file": GENRE_FILE,
    }


def _by_count(unknown: str, words: Iterable[str]) -> list[str]:
    return [unknown, *(word for word, _ in Counter(words).most_common())]


def _lines(words: Iterable[str]) -> str:
    return "".join(f"{word}\n" for word in words)
