"""A MovieLens csv folder in MovieLens-1M's layout, and InputSpecs over it."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from recframe.proto import recframe_pb2

COLUMNS = {"ratings": ("userId", "movieId", "rating", "timestamp"), "movies": ("movieId", "title", "genres")}


def write_dat_layout(csv_folder: Path, out_folder: Path, renumber: bool = False) -> Path:
    """Write ratings.csv and movies.csv as ratings.dat and movies.dat; the rows keep their order. Returns the folder.

    Args:
        renumber: Number the movies 1, 2, ... in the order of movies.csv, so densely as MovieLens-1M does.
    """
    out_folder.mkdir(parents=True, exist_ok=True)
    numbers: dict[str, str] = {}
    for name in ("movies", "ratings"):
        with (
            (csv_folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as source,
            (out_folder / f"{name}.dat").open("w", encoding="utf-8", newline="\n") as target,
        ):
            for row in csv.DictReader(source):
                if renumber:
                    row["movieId"] = numbers.setdefault(row["movieId"], str(len(numbers) + 1))
                target.write("::".join(row[column] for column in COLUMNS[name]) + "\n")
    return out_folder


def feature(name: str, type_: str, length: int, size: int = 0, vocab: str = "") -> dict[str, Any]:
    values: dict[str, Any] = {"feature_name": name, "feature_type": type_, "feature_length": length}
    if type_ != "FLOAT":
        values |= {"vocab_size": size, "embedding_dim": 4}
    return values | ({"vocab_name": vocab} if vocab else {})


def make_spec(
    features: Sequence[dict[str, Any]], label: dict[str, Any] | None, user: Sequence[dict[str, Any]] = ()
) -> recframe_pb2.InputConfig:
    return recframe_pb2.InputConfig(
        global_feature_groups=[{"features": [one]} for one in user],
        activity_feature_groups=[{"features": [one], "encoder_type": "CNN"} for one in features],
        label_feature=label,
    )


def movielens_spec(size: int, length: int = 10, genres: int = 10) -> recframe_pb2.InputConfig:
    """Movies, ratings, years and genres.

    Args:
        size: vocab_size of the movies.
        length: feature_length of what a step has.
        genres: feature_length of the genres.
    """
    return make_spec(
        [
            feature("context_movie_id", "INT", length, size),
            feature("context_movie_rating", "FLOAT", length),
            feature("context_movie_year", "INT", length, 200, "movie_year_vocab.txt"),
            feature("context_movie_genre", "STRING", genres, 30, "movie_genre_vocab.txt"),
        ],
        feature("label_movie_id", "INT", 1, size),
    )
