"""Small made-up MovieLens folders in every layout, so that tests need no download."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

GENRES = ("Action", "Comedy", "Drama", "Film-Noir", "Sci-Fi", "War")
LAYOUTS = ("csv", "100k", "1m", "10m")
FILES = {
    "csv": ("ratings.csv", "movies.csv"),
    "100k": ("u.data", "u.item"),
    "1m": ("ratings.dat", "movies.dat"),
    "10m": ("ratings.dat", "movies.dat"),
}
# Accents, the separators of the other layouts, quotes and a year in the title: what breaks careless readers.
STEMS = ("Amélie, The", 'A "Quoted" Film', "Star: Part IV", "Plain", "1984 (Nineteen Eighty-Four)")

Rating = tuple[int, int, int, int]
Movie = tuple[int, str, tuple[str, ...]]


def make_rows(users: int = 20, items: int = 15, seed: int = 0) -> tuple[list[Rating], list[Movie]]:
    """Ratings (user, movie, rating, time), without repeats and with equal times, and movies; movie ids have gaps.

    Every user rates at least one movie; the last movie is rated by nobody.
    """
    rng = np.random.default_rng(seed)
    ids = [3 * i + 1 for i in range(items)]
    movies: list[Movie] = []
    for i, movie in enumerate(ids):
        year = f" ({1950 + i})" if i % 7 != 6 else ""
        genres = tuple(g for g, on in zip(GENRES, rng.random(len(GENRES)) < 0.3, strict=True) if on)
        movies.append((movie, f"{STEMS[i % len(STEMS)]} {i}{year}", genres))
    ratings: list[Rating] = []
    for user in range(1, users + 1):
        rated = rng.permutation(ids[:-1])[: rng.integers(1, max(2, items - 1))]
        time = 900_000_000 + int(rng.integers(10**6))
        for movie in rated:
            time += int(rng.integers(0, 3))  # equal times occur, as they do in the real sets
            ratings.append((user, int(movie), int(rng.integers(1, 6)), time))
    return ratings, movies


def write_rows(folder: Path, layout: str, ratings: Sequence[Rating], movies: Sequence[Movie]) -> Path:
    """Write rows in one layout (`csv`, `100k`, `1m`, `10m`) into a folder, which is made; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    rating_file, movie_file = (folder / name for name in FILES[layout])
    if layout == "csv":
        for path, header, rows in (
            (rating_file, ("userId", "movieId", "rating", "timestamp"), ratings),
            (
                movie_file,
                ("movieId", "title", "genres"),
                [(*m[:2], "|".join(m[2]) or "(no genres listed)") for m in movies],
            ),
        ):
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([header, *rows])
        return folder
    separator = "\t" if layout == "100k" else "::"
    rating_file.write_text("".join(separator.join(map(str, row)) + "\n" for row in ratings), "ascii")
    if layout == "100k":
        names = ("unknown", *GENRES)
        (folder / "u.genre").write_text("".join(f"{name}|{i}\n" for i, name in enumerate(names)) + "\n", "latin-1")
        lines = []
        for movie, title, genres in movies:
            flags = "|".join(str(int(name in (genres or ("unknown",)))) for name in names)
            lines.append(f"{movie}|{title}|01-Jan-1995||http://example.org/{movie}|{flags}\n")
    else:
        lines = [f"{movie}::{title}::{'|'.join(genres) or '(no genres listed)'}\n" for movie, title, genres in movies]
    movie_file.write_text("".join(lines), "utf-8" if layout == "10m" else "latin-1")
    return folder


def write_movielens(folder: Path, layout: str = "csv", users: int = 20, items: int = 15, seed: int = 0) -> Path:
    """Write a small made-up set in one layout; the same users, items and seed hold the same data in every layout."""
    return write_rows(folder, layout, *make_rows(users, items, seed))
