"""MovieLens as Model Maker wrote it: tf.train.Examples in TFRecord files, and the vocabulary files beside them."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from recframe.data.features import EventLists
from recframe.data.windows import Windows
from recframe.errors import DataError, FolderError
from recframe.files.digests import file_sha256
from recframe.files.staging import staged
from recframe.interactions.interactions import Interactions
from recframe.plugin.registry import Registries
from recframe.plugin.types import DatasetContext, DatasetFiles
from recframe.proto.example_bytes import Words, encode_examples
from recframe.proto.example_files import shard_names, write_examples
from recframe.recommendation.examples import windows_of
from recframe.recommendation.movielens.arguments import Arguments
from recframe.recommendation.movielens.record import ExamplesFolder

logger = logging.getLogger("recframe.recommendation")


def generate(data_dir: Path, folder: Path, arguments: Arguments, registries: Registries) -> dict[str, Any]:
    """The meta data of the examples, which are written unless the same arguments made them of the same data.

    Raises:
        DataError: The ratings cannot be read, or give no example; the folder cannot be written.
    """
    dataset, made = registries.datasets["movielens"], ExamplesFolder(folder, arguments)
    try:
        context = DatasetContext(arguments.seed, data_dir, logger.info, option={"path": "data_dir"}.get)
        files = dataset.files(dataset.options(path=str(data_dir)), context)
    except DataError:
        meta = made.recorded(None) or made.of_model_maker(None)
        if meta is None:
            raise
        logger.warning("%s has no ratings: the examples in %s are used as they are", data_dir, folder)
        return meta
    hashes = {path.name: file_sha256(path) for path in files.paths}
    if (meta := made.recorded(hashes)) is not None:
        return meta
    ratings = _read(files, arguments.min_rating, arguments.seed)
    windows = windows_of(ratings, arguments.min_timeline_length, f"{data_dir}: ")
    train, test = _split(windows, ratings, arguments)
    if (meta := made.of_model_maker((len(train), len(test)))) is not None:
        logger.info("%s holds examples that Model Maker made with these arguments; they are used", folder)
        return meta
    if made.meta_path.exists():
        logger.warning(
            "the examples in %s were made with other arguments or of other data: they are made again", folder
        )
    if leaked := test.leaking_into(train):
        logger.warning(
            "%d of %d test examples (%.0f %%) have a later event of their user in training: metrics are better than "
            "in use; split='leave_one_out' has no such examples",
            *(leaked, len(test), 100 * leaked / len(test)),
        )
    return _write(made, ratings, {"train": train, "test": test}, hashes)


def _read(files: DatasetFiles, min_rating: float | None, seed: int) -> Interactions:
    """The ratings by user and time; the items are all movies, in the order of their file."""
    import polars as pl

    tables, (ratings_file, movies_file) = files.read(), files.paths
    ratings, movies = tables["ratings"], tables["movies"]
    lowest = ratings["movieId"].to_numpy().min()
    if lowest < 1:
        raise DataError(f"{ratings_file}: movieId {lowest}; ids must be positive, 0 is the padding")
    if min_rating is not None:
        ratings = ratings.filter(pl.col("rating") >= min_rating)
        if ratings.is_empty():
            raise DataError(f"{ratings_file}: no rating is at least {min_rating:g}; lower min_rating")
    user, raw, rating, time = (ratings[name].to_numpy() for name in ("userId", "movieId", "rating", "timestamp"))
    missing = np.setdiff1d(raw, movies["movieId"].to_numpy()).tolist()
    if missing:
        listed = ", ".join(map(str, missing[:5])) + (", ..." if len(missing) > 5 else "")
        what = "%d rated movies are not in %s and get made-up titles: %s"
        logger.warning(what, len(missing), movies_file.name, listed)
        rows: list[tuple[int, str, list[str]]] = [(movie, f"Movie {movie}", []) for movie in missing]
        movies = pl.concat([movies, pl.DataFrame(rows, movies.schema, orient="row")])
    items = {
        "id": movies["movieId"].to_numpy(),
        "title": movies["title"].to_numpy(),
        "genres": np.fromiter(movies["genres"].to_list(), object, len(movies)),
        # Model Maker took the first year of a title.
        "year": movies["title"].str.extract(r"\(([0-9]{4})\)").cast(pl.Int64).fill_null(0).to_numpy(),
    }
    by_id = np.argsort(items["id"])
    places = by_id[np.searchsorted(items["id"][by_id], raw)]
    return Interactions.from_columns(user, places, time, items, {"rating": rating}, seed=seed)


def _split(windows: Windows, ratings: Interactions, arguments: Arguments) -> tuple[Windows, Windows]:
    """Training and test examples, each in an order drawn from the seed."""
    order = np.random.default_rng(arguments.seed).permutation(len(windows))
    if arguments.split == "leave_one_out":
        is_last = np.isin(windows.label, ratings.offsets[1:] - 1)[order]
        return windows.take(order[~is_last]), windows.take(order[is_last])
    count = round(len(windows) * arguments.train_data_fraction)
    return windows.take(order[:count]), windows.take(order[count:])


def _write(
    made: ExamplesFolder, ratings: Interactions, parts: dict[str, Windows], hashes: dict[str, str]
) -> dict[str, Any]:
    arguments, encode = made.arguments, _encoder(ratings, made.arguments)
    meta: dict[str, Any] = {f"{part}_size": len(windows) for part, windows in parts.items()} | arguments.patterns
    texts: dict[str, str] = {}
    if arguments.build_vocabs:
        texts, of_vocabularies = _vocabularies(ratings, arguments.vocab_filename)
        meta |= of_vocabularies
    try:
        made.path.mkdir(parents=True, exist_ok=True)
        with staged(made.path, "examples") as folder:
            for part, windows in parts.items():
                paths = [folder / name for name in shard_names(arguments.parts[part], arguments.shards)]
                write_examples(paths, len(windows), partial(encode, windows))
            for name, text in texts.items():
                (folder / name).write_text(text, encoding="utf-8", newline="\n")
            return made.put(folder, meta, hashes)
    except (FolderError, PermissionError, NotADirectoryError, FileExistsError) as error:
        raise DataError(
            f"cannot write to {made.path}: {error}; give another folder in generated_examples_dir"
        ) from None


def _encoder(
    ratings: Interactions, arguments: Arguments
) -> Callable[[Windows, int, int], tuple[np.ndarray, np.ndarray]]:
    """A function from windows, the first row and the row after the last to the bytes of Examples and their offsets."""
    movies, words = ratings.items, _genre_words(ratings)
    place = {word: at for at, word in enumerate(words)}
    sizes = np.array([len(genres) for genres in movies["genres"]], np.int64)
    flat = np.array([place[genre] for genre in chain(*movies["genres"])], np.int64)
    genres, table = EventLists.of(flat, sizes, ratings.item), [word.encode() for word in words]
    ids, years, stars = movies["id"][ratings.item], movies["year"][ratings.item], ratings.events["rating"]
    length, genre_length = arguments.max_context_length, arguments.max_context_movie_genre_length

    def encode(every: Windows, begin: int, end: int) -> tuple[np.ndarray, np.ndarray]:
        windows = every.take(slice(begin, end))
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


def _genre_words(ratings: Interactions) -> list[str]:
    """`UNK`, then the genres by falling number of movies; equal numbers in the order of the file."""
    return _by_count("UNK", chain(*ratings.items["genres"]))


def _by_count(unknown: str, words: Iterable[str]) -> list[str]:
    return [unknown, *(word for word, _ in Counter(words).most_common())]


def _vocabularies(ratings: Interactions, vocab_filename: str) -> tuple[dict[str, str], dict[str, int | str]]:
    """The texts of the three files by name, and their part of the meta data."""
    movies, counts = ratings.items, np.bincount(ratings.item, minlength=ratings.num_items)
    columns = (movies["id"].tolist(), movies["title"], map("|".join, movies["genres"]), counts.tolist())
    rows = sorted(zip(*columns, strict=True), key=lambda row: -row[3])
    years = _by_count("0", (str(year) for year in movies["year"].tolist() if year))
    texts, largest = {vocab_filename: json.dumps(rows, indent=2)}, int(movies["id"].max())
    meta: dict[str, int | str] = {"vocab_size": len(rows), "vocab_file": vocab_filename, "vocab_max_id": largest}
    for name, words in (("year", years), ("genre", _genre_words(ratings))):
        file = f"movie_{name}_vocab.txt"
        texts[file] = "".join(f"{word}\n" for word in words)
        meta |= {f"{name}_vocab_size": len(words), f"{name}_vocab_file": file}
    return texts, meta
