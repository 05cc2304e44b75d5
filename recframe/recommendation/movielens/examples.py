"""MovieLens as tf.train.Examples in TFRecord files, the same that Model Maker wrote, in seconds."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from recframe.data.features import EventLists
from recframe.data.windows import Windows
from recframe.errors import DataError
from recframe.files.digests import file_sha256
from recframe.interactions.interactions import Interactions
from recframe.plugin.registry import Registries
from recframe.plugin.types import DatasetContext, DatasetFiles
from recframe.proto.example_bytes import Words, encode_examples
from recframe.proto.example_files import shard_names, shard_pattern, write_examples
from recframe.recommendation.examples import say_drawn_order
from recframe.recommendation.movielens.record import Arguments, foreign_meta, forget, recorded_meta, write_record
from recframe.recommendation.movielens.staging import staging
from recframe.recommendation.movielens.vocabularies import Movies, write_vocabularies

Encode = Callable[[Windows], tuple[np.ndarray, np.ndarray]]
logger = logging.getLogger("recframe.recommendation")


def generate(data_dir: Path, folder: Path, arguments: Arguments, registries: Registries) -> dict[str, Any]:
    """Write the files where they are not there yet, or were made by other arguments or of other data; the meta data.

    Raises:
        DataError: The ratings cannot be read, or give no example; the folder cannot be written.
    """
    dataset = registries.datasets["movielens"]
    try:
        context = DatasetContext(arguments.seed, data_dir, logger.info, option={"path": "data_dir"}.get)
        files = dataset.files(dataset.options(path=str(data_dir)), context)
    except DataError:
        meta = recorded_meta(folder, arguments, None) or foreign_meta(folder, arguments, None)
        if meta is None:
            raise
        logger.warning("%s has no ratings: the examples in %s are used as they are", data_dir, folder)
        return meta
    hashes = {path.name: file_sha256(path) for path in files.paths}
    meta = recorded_meta(folder, arguments, hashes)
    if meta is not None:
        return meta
    ratings, movies = _read(files, arguments.min_rating, arguments.seed)
    windows = Windows.of(ratings, arguments.min_timeline_length)
    if len(windows) == 0:
        raise DataError(
            f"{data_dir}: no user has {max(2, arguments.min_timeline_length)} ratings; lower min_timeline_length or "
            "min_rating"
        )
    train, test = _split(windows, ratings, arguments)
    meta = foreign_meta(folder, arguments, (len(train), len(test)))
    if meta is not None:
        logger.info("%s holds examples that Model Maker made with these arguments; they are used", folder)
        return meta
    if (folder / arguments.meta_filename).exists():
        logger.warning("the examples in %s are of other arguments or other data: they are made again", folder)
    _say_leaks(train, test)
    return _write(folder, ratings, movies, {"train": train, "test": test}, arguments, hashes)


def _read(files: DatasetFiles, min_rating: float | None, seed: int) -> tuple[Interactions, Movies]:
    """The ratings by user and time, their items being places among the movies; and the movies."""
    tables, (ratings_file, movies_file) = files.read(), files.paths
    ratings, movies = tables["ratings"], Movies.of(tables["movies"])
    raw = ratings["movieId"].to_numpy()
    if raw.min() < 1:
        raise DataError(f"{ratings_file}: movieId {raw.min()}; ids must be positive, 0 is the padding")
    if min_rating is not None:
        ratings = ratings.filter(ratings["rating"] >= min_rating)
        if len(ratings) == 0:
            raise DataError(f"{ratings_file}: no rating is at least {min_rating:g}; lower min_rating")
    user, raw, rating, time = (ratings[name].to_numpy() for name in ("userId", "movieId", "rating", "timestamp"))
    missing = np.setdiff1d(raw, movies.ids)
    if len(missing):
        shown = ", ".join(map(str, missing[:5])) + (", ..." if len(missing) > 5 else "")
        logger.warning(
            "%d rated movies are not in %s and get made-up titles: %s", len(missing), movies_file.name, shown
        )
        movies = movies.with_made_up(missing)
    by_id = np.argsort(movies.ids)
    places = by_id[np.searchsorted(movies.ids[by_id], raw)]
    interactions = Interactions.from_columns(user, places, time, {"id": movies.ids}, {"rating": rating}, seed=seed)
    say_drawn_order(interactions)
    return interactions, movies


def _split(windows: Windows, ratings: Interactions, arguments: Arguments) -> tuple[Windows, Windows]:
    """Training and test examples, each in an order drawn from the seed."""
    order = np.random.default_rng(arguments.seed).permutation(len(windows))
    if arguments.split == "leave_one_out":
        is_last = np.isin(windows.label, ratings.offsets[1:] - 1)[order]
        return windows.take(order[~is_last]), windows.take(order[is_last])
    count = round(len(windows) * arguments.train_data_fraction)
    return windows.take(order[:count]), windows.take(order[count:])


def _say_leaks(train: Windows, test: Windows) -> None:
    """How many test labels the model has seen: a later example of the same user in training has them as context."""
    if len(train) == 0 or len(test) == 0:
        return
    starts, user = np.unique(np.concatenate([train.start, test.start]), return_inverse=True)
    latest = np.full(len(starts), -1, np.int64)
    np.maximum.at(latest, user[: len(train)], train.label)
    leaked = int(np.count_nonzero(test.label < latest[user[len(train) :]]))
    if leaked:
        share = 100 * leaked / len(test)
        logger.warning(
            "%d of %d test examples (%.0f %%) have a later event of their user in training: metrics look better than "
            "in use; split='leave_one_out' has none",
            *(leaked, len(test), share),
        )


def _write(
    folder: Path,
    ratings: Interactions,
    movies: Movies,
    parts: dict[str, Windows],
    arguments: Arguments,
    hashes: dict[str, str],
) -> dict[str, Any]:
    names = {"train": arguments.train_filename, "test": arguments.test_filename}
    meta: dict[str, Any] = {f"{part}_size": len(windows) for part, windows in parts.items()}
    encode = _encoder(ratings, movies, arguments)
    with staging(folder) as files:
        for part, windows in parts.items():
            paths = [files.path(name) for name in shard_names(names[part], arguments.shards)]
            _write_part(paths, windows, encode)
            meta[f"{part}_file"] = str(folder / shard_pattern(names[part], arguments.shards))
        if arguments.build_vocabs:
            counts = np.bincount(ratings.item, minlength=len(movies.ids))
            meta |= write_vocabularies(files, arguments.vocab_filename, movies, counts)
        write_record(files, meta, arguments, hashes)
        forget(folder, arguments)
        files.commit()
    return meta


def _write_part(paths: Sequence[Path], windows: Windows, encode: Encode) -> None:
    write_examples(paths, len(windows), lambda begin, end: encode(windows.take(slice(begin, end))))


def _encoder(ratings: Interactions, movies: Movies, arguments: Arguments) -> Encode:
    """What makes tf.train.Examples of windows."""
    words = movies.genre_words()
    place = {word: at for at, word in enumerate(words)}
    sizes = np.array([len(genres) for genres in movies.genres], np.int64)
    flat = np.array([place[genre] for genres in movies.genres for genre in genres], np.int64)
    genres, table = EventLists.of(flat, sizes, ratings.item), [word.encode() for word in words]
    ids, years, stars = movies.ids[ratings.item], movies.years[ratings.item], ratings.events["rating"]
    length, genre_length = arguments.max_context_length, arguments.max_context_movie_genre_length

    def encode(windows: Windows) -> tuple[np.ndarray, np.ndarray]:
        return encode_examples(
            {
                "context_movie_id": windows.steps(ids, length),
                "context_movie_rating": windows.steps(stars, length),
                "context_movie_genre": Words(windows.entries(genres, genre_length, length), table),
                "context_movie_year": windows.steps(years, length),
                "label_movie_id": ids[windows.label][:, None],
            }
        )

    return encode
