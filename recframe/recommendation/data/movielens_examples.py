"""MovieLens as tf.train.Examples in TFRecord files, the same that Model Maker wrote, in seconds."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen

from recframe.builtin.datasets.movielens.layouts import find_layout, read_ratings
from recframe.builtin.datasets.movielens.movies import Movie, read_movies
from recframe.errors import DataError
from recframe.interactions.ordering import FileEvents
from recframe.recommendation.data.example_bytes import Words, encode_examples
from recframe.recommendation.data.example_files import shard_pattern, staging, write_examples
from recframe.recommendation.data.example_windows import Lists, Targets, entries, find_targets, steps
from recframe.recommendation.data.movielens_meta import (
    Arguments,
    data_hashes,
    foreign_meta,
    forget,
    recorded_meta,
    write_record,
)
from recframe.recommendation.data.movielens_vocabularies import Catalogue, write_vocabularies
from recframe.recommendation.data.timelines import in_order

logger = logging.getLogger("recframe.recommendation")


@frozen(eq=False)
class _Timelines:
    """The ratings, sorted by user and time: equal times in the order of the file where it is a log.

    Attributes:
        offsets: int64 [users + 1].
        row: int64 [events] movie's place in the catalogue.
        rating: float32 [events].
    """

    offsets: np.ndarray
    row: np.ndarray
    rating: np.ndarray
    catalogue: Catalogue


def generate(data_dir: Path, folder: Path, arguments: Arguments) -> dict[str, Any]:
    """Write the files where they are not there yet, or were made by other arguments or of other data; the meta data.

    Raises:
        DataError: The ratings cannot be read, or give no example; the folder cannot be written.
    """
    try:
        layout = find_layout(data_dir)
    except DataError as error:
        meta = recorded_meta(folder, arguments, None) or foreign_meta(folder, arguments, None)
        if meta is None:
            raise DataError(str(error).replace("dataset.path", "data_dir")) from None
        logger.warning("%s has no ratings: the examples in %s are used as they are", data_dir, folder)
        return meta
    hashes = data_hashes([data_dir / layout.ratings, data_dir / layout.movies])
    meta = recorded_meta(folder, arguments, hashes)
    if meta is not None:
        return meta
    timelines = _read(data_dir, arguments.min_rating, arguments.seed)
    targets = find_targets(timelines.offsets, arguments.min_timeline_length)
    if len(targets) == 0:
        raise DataError(
            f"{data_dir}: no user has {max(2, arguments.min_timeline_length)} ratings; lower min_timeline_length or "
            "min_rating"
        )
    train, test = _split(targets, timelines.offsets, arguments)
    meta = foreign_meta(folder, arguments, (len(train), len(test)))
    if meta is not None:
        logger.info("%s holds examples that Model Maker made with these arguments; they are used", folder)
        return meta
    if (folder / arguments.meta_filename).exists():
        logger.warning("the examples in %s are of other arguments or other data: they are made again", folder)
    _say_leaks(train, test)
    return _write(folder, timelines, {"train": train, "test": test}, arguments, hashes)


def _read(data_dir: Path, min_rating: float | None, seed: int) -> _Timelines:
    layout = find_layout(data_dir)
    movies = read_movies(data_dir / layout.movies, layout)
    ratings = read_ratings(data_dir / layout.ratings, layout)
    user, raw, rating, time = (ratings[name].to_numpy() for name in ("userId", "movieId", "rating", "timestamp"))
    if raw.min() < 1:
        raise DataError(f"{data_dir / layout.ratings}: movieId {raw.min()}; ids must be positive, 0 is the padding")
    if min_rating is not None:
        keep = rating >= min_rating
        user, raw, rating, time = user[keep], raw[keep], rating[keep], time[keep]
        if len(user) == 0:
            raise DataError(f"{data_dir / layout.ratings}: no rating is at least {min_rating:g}; lower min_rating")
    missing = sorted(set(np.unique(raw).tolist()) - set(movies))
    if missing:
        shown = ", ".join(map(str, missing[:5])) + (", ..." if len(missing) > 5 else "")
        logger.warning("%d rated movies are not in %s and get made-up titles: %s", len(missing), layout.movies, shown)
        movies |= {movie: Movie(f"Movie {movie}", ()) for movie in missing}
    catalogue = Catalogue.of(movies)
    by_id = np.argsort(catalogue.ids)
    users, code = np.unique(user, return_inverse=True)
    row = by_id[np.searchsorted(catalogue.ids[by_id], raw)]
    order = in_order(FileEvents(code, row, time, users, catalogue.ids, columns=(rating,)), seed)
    offsets = np.append(0, np.cumsum(np.bincount(code)))
    return _Timelines(offsets, row[order], rating[order], catalogue)


def _split(targets: Targets, offsets: np.ndarray, arguments: Arguments) -> tuple[Targets, Targets]:
    """Training and test examples, each in an order drawn from the seed."""
    order = np.random.default_rng(arguments.seed).permutation(len(targets))
    if arguments.split == "leave_one_out":
        is_last = np.isin(targets.event, offsets[1:] - 1)[order]
        return targets.take(order[~is_last]), targets.take(order[is_last])
    count = round(len(targets) * arguments.train_data_fraction)
    return targets.take(order[:count]), targets.take(order[count:])


def _say_leaks(train: Targets, test: Targets) -> None:
    """How many test labels the model has seen: a later example of the same user in training has them as context."""
    if len(train) == 0 or len(test) == 0:
        return
    starts, user = np.unique(np.concatenate([train.start, test.start]), return_inverse=True)
    latest = np.full(len(starts), -1, np.int64)
    np.maximum.at(latest, user[: len(train)], train.event)
    leaked = int(np.count_nonzero(test.event < latest[user[len(train) :]]))
    if leaked:
        share = 100 * leaked / len(test)
        logger.warning(
            "%d of %d test examples (%.0f %%) have a later event of their user in training: metrics look better than "
            "in use; split='leave_one_out' has none",
            *(leaked, len(test), share),
        )


def _write(
    folder: Path, timelines: _Timelines, parts: dict[str, Targets], arguments: Arguments, hashes: dict[str, str]
) -> dict[str, Any]:
    catalogue = timelines.catalogue
    words = catalogue.genres()
    code = {word: place for place, word in enumerate(words)}
    per_movie = np.array([len(movie.genres) for movie in catalogue.movies], np.int64)
    flat = np.array([code[genre] for movie in catalogue.movies for genre in movie.genres], np.int64)
    genres = _of_events(per_movie, flat, timelines.row)
    table = [word.encode() for word in words]
    ids, years = catalogue.ids[timelines.row], catalogue.years[timelines.row]
    length, genre_length = arguments.max_context_length, arguments.max_context_movie_genre_length

    def encode(targets: Targets) -> tuple[np.ndarray, np.ndarray]:
        return encode_examples(
            {
                "context_movie_id": steps(ids, targets, length),
                "context_movie_rating": steps(timelines.rating, targets, length),
                "context_movie_genre": Words(entries(genres, targets, genre_length, length), table),
                "context_movie_year": steps(years, targets, length),
                "label_movie_id": ids[targets.event][:, None],
            }
        )

    names = {"train": arguments.train_filename, "test": arguments.test_filename}
    meta: dict[str, Any] = {f"{part}_size": len(targets) for part, targets in parts.items()}
    with staging(folder) as files:
        for part, targets in parts.items():
            write_examples(
                files,
                names[part],
                arguments.shards,
                len(targets),
                lambda begin, end, targets=targets: encode(  # type: ignore[misc]
                    Targets(targets.event[begin:end], targets.start[begin:end])
                ),
            )
            meta[f"{part}_file"] = str(folder / shard_pattern(names[part], arguments.shards))
        if arguments.build_vocabs:
            counts = np.bincount(timelines.row, minlength=len(catalogue.ids))
            meta |= write_vocabularies(files, arguments.vocab_filename, catalogue, counts)
        write_record(files, meta, arguments, hashes)
        forget(folder, arguments)
        files.commit()
    return meta


def _of_events(per_movie: np.ndarray, flat: np.ndarray, row: np.ndarray) -> Lists:
    """The genres of each event's movie, one after the other."""
    counts = per_movie[row]
    offsets = np.concatenate([[0], np.cumsum(counts)])
    first = (np.cumsum(per_movie) - per_movie)[row]
    index = np.arange(offsets[-1]) + np.repeat(first - offsets[:-1], counts)
    return Lists(offsets, flat[index])
