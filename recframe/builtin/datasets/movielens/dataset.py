"""MovieLens ratings as interactions, from an unpacked folder or downloaded on first use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from recframe import DataError, DatasetContext, DatasetFiles, DatasetOptions, DatasetType, hookimpl, option
from recframe.builtin.datasets.movielens.layouts import find_layout, read_ratings
from recframe.builtin.datasets.movielens.movies import Movie, read_movies
from recframe.builtin.datasets.movielens.users import read_users

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from recframe import Interactions

VARIANTS = ("100k", "1m", "10m", "20m", "25m", "32m", "latest-small")
_YEAR = re.compile(r"\(([0-9]{4})(?:[-\u2013][0-9]{0,4})?\)")


@frozen
class MovieLensOptions(DatasetOptions):
    """Where the dataset is, and which of its ratings count as interactions."""

    path: str | None = option(None, help="Folder of an unpacked MovieLens dataset; none: `variant` is downloaded.")
    variant: str = option("latest-small", choices=VARIANTS, help="The dataset to download if `path` is not set.")
    min_rating: float = option(0.0, ge=0, help="Ratings below this are left out.")


def check(options: MovieLensOptions) -> None:
    """Raise DataError if the path is not a MovieLens folder."""
    if options.path is not None:
        find_layout(Path(options.path).expanduser())


def load(options: MovieLensOptions, context: DatasetContext) -> Interactions:
    """The ratings as interactions, in order of time; `Interactions.from_columns` orders equal times.

    The item table has every movie with an interaction, ordered by raw id: id int64, title and genre str, year int64,
    genres object (lists). The events have rating float32. The users of 100k and 1m have gender and occupation str, and
    age int64.

    Raises:
        DataError: A file is missing or has an invalid row, or no rating is left.
    """
    from recframe import Interactions, distinct_integers

    folder = _folder(options, evolve(context, cache=context.cache / "movielens"))
    layout = find_layout(folder)
    movies = read_movies(folder / layout.movies, layout)
    ratings = read_ratings(folder / layout.ratings, layout)
    ratings, notes = _filter_by_rating(ratings, options.min_rating, folder / layout.ratings)
    user, raw, timestamp, rating = (ratings[name].to_numpy() for name in ("userId", "movieId", "timestamp", "rating"))
    ids, item = distinct_integers(raw)
    missing = [int(i) for i in ids if int(i) not in movies]
    if missing:
        shown = ", ".join(map(str, missing[:5])) + (", ..." if len(missing) > 5 else "")
        notes.append(
            f"{len(missing)} of {len(ids)} rated movies are not in {layout.movies} and get placeholder titles: {shown}"
        )
    kept, best = _without_duplicates(user, item, timestamp, rating)
    if len(kept) < len(user):
        notes.append(f"{len(user) - len(kept)} rows were dropped, since they repeat a user, movie and time")
    made = Interactions.from_columns(
        user=user[kept],
        item=item[kept],
        timestamp=timestamp[kept],
        items=_item_table(ids, movies),
        events={"rating": best},
        seed=context.seed,
    )
    return evolve(made, users=read_users(folder, layout, made.user_ids), notes=tuple(notes))


def files(options: MovieLensOptions, context: DatasetContext) -> DatasetFiles:
    """The files of the ratings and movies.

    The tables are `ratings`, with the columns userId, movieId, rating and timestamp, and `movies`, with movieId, title
    and genres (lists). Both are in the order of the file.
    """
    folder = _folder(options, context)
    layout = find_layout(folder, context.option("path") or "")

    def read() -> Mapping[str, pl.DataFrame]:
        import polars as pl

        movies = read_movies(folder / layout.movies, layout)
        rows = [(raw, movie.title, list(movie.genres)) for raw, movie in movies.items()]
        schema = {"movieId": pl.Int64(), "title": pl.String(), "genres": pl.List(pl.String())}
        ratings = read_ratings(folder / layout.ratings, layout)
        return {"ratings": ratings, "movies": pl.DataFrame(rows, schema, orient="row")}

    return DatasetFiles((folder / layout.ratings, folder / layout.movies), read)


def _folder(options: MovieLensOptions, context: DatasetContext) -> Path:
    """The folder of the dataset: `path`, or a folder in the cache, into which the dataset is downloaded if needed."""
    if options.path is not None:
        return Path(options.path).expanduser()
    from recframe.builtin.datasets.movielens.download import download

    return download(options.variant, context.cache, context.say, option=context.option("path") or "")


def _filter_by_rating(ratings: pl.DataFrame, min_rating: float, path: Path) -> tuple[pl.DataFrame, list[str]]:
    """The ratings that are at least `min_rating`, and a note on how many were left out."""
    import polars as pl

    if min_rating <= 0:
        return ratings, []
    kept = ratings.filter(pl.col("rating") >= min_rating)
    if len(kept) == 0:
        highest = float(ratings["rating"].to_numpy().max())
        raise DataError(f"{path}: no rating is at least {min_rating:g}, the highest is {highest:g}; lower min_rating")
    left_out = len(ratings) - len(kept)
    return kept, [f"{left_out} ratings below {min_rating:g} were left out"] if left_out else []


def _without_duplicates(
    user: np.ndarray, item: np.ndarray, timestamp: np.ndarray, rating: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Keep the first of the rows with equal user, movie and time.

    Returns:
        The rows, int64 [kept], in the order of the file; and their ratings, float32 [kept]. Duplicates get the highest
        of their ratings.
    """
    import numpy as np

    from recframe import order_by

    places = order_by(user, timestamp, item)
    places = np.arange(len(user)) if places is None else places
    items = item[places]
    again = np.flatnonzero(items[1:] == items[:-1]) + 1
    before, after = places[again - 1], places[again]
    again = again[(user[before] == user[after]) & (timestamp[before] == timestamp[after])]
    if not len(again):
        return np.arange(len(user)), rating
    first = np.ones(len(user), bool)
    first[again] = False
    best = np.maximum.reduceat(rating[places], np.flatnonzero(first))
    kept = places[first]
    by_row = np.argsort(kept)
    return kept[by_row], best[by_row]


def _item_table(ids: np.ndarray, movies: dict[int, Movie]) -> dict[str, np.ndarray]:
    import numpy as np

    rows = [movies.get(int(raw)) or Movie(f"Movie {raw}", ()) for raw in ids]
    genres = np.empty(len(rows), object)
    genres[:] = [list(movie.genres) for movie in rows]
    years = [_YEAR.findall(movie.title) for movie in rows]
    return {
        "id": ids,
        "title": np.array([movie.title for movie in rows], dtype=str),
        "genres": genres,
        "genre": np.array([movie.genres[0] if movie.genres else "" for movie in rows], dtype=str),
        # The last number in brackets: "1984 (Nineteen Eighty-Four) (1984)", "(500) Days of Summer (2009)".
        "year": np.array([int(of_title[-1]) if of_title else 0 for of_title in years], np.int64),
    }


@hookimpl
def recframe_datasets() -> Iterator[DatasetType]:
    yield DatasetType(
        "movielens",
        summary="Movie ratings from GroupLens, in a folder (layout of 100k, 1m, 10m or csv) or downloaded.",
        options=MovieLensOptions,
        load=load,
        check=check,
        files=files,
    )
