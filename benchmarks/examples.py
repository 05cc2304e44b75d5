"""How long MovieLens examples take, on made-up data of MovieLens-1M's shape (6040 users, 3706 movies, 1 M ratings).

Measured: ratings.dat to TFRecord files, as `DataLoader.generate_movielens_dataset` writes them, and the training part
read back into columns. Writing the .dat files is not. It asserts nothing.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import tensorflow as tf

from recframe.builtin.datasets.synthetic.dataset import SyntheticOptions, load
from recframe.interactions.interactions import Interactions
from recframe.plugin.types import DatasetContext
from recframe.proto import recframe_pb2
from recframe.recommendation import DataLoader

T = TypeVar("T")
USERS, ITEMS, EVENTS_PER_USER = 6040, 3706, 166


def write_dat(data: Interactions, folder: Path) -> Path:
    """Write interactions in MovieLens-1M's layout; ratings.dat in order of the users, as there."""
    ids, users = data.items["id"][data.item], data.user_ids[data.user_of_event()]
    columns = (users.tolist(), ids.tolist(), data.events["rating"].tolist(), data.timestamp.tolist())
    lines = (f"{user}::{item}::{rating:g}::{at}\n" for user, item, rating, at in zip(*columns, strict=True))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ratings.dat").write_text("".join(lines), encoding="ascii")
    items = zip(*(data.items[name].tolist() for name in ("id", "title", "year", "genres")), strict=True)
    movies = (f"{id_}::{title} ({year})::{'|'.join(genres)}\n" for id_, title, year, genres in items)
    (folder / "movies.dat").write_text("".join(movies), encoding="latin-1")
    return folder


def timed(name: str, work: Callable[[], T]) -> T:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    print(f"{name:44}{time.perf_counter() - wall:8.2f} s wall{time.process_time() - cpu:8.2f} s CPU", flush=True)
    return result


def spec(num_classes: int) -> recframe_pb2.InputConfig:
    """Movies, ratings and genres."""
    movies = {"feature_type": "INT", "vocab_size": num_classes, "embedding_dim": 8}
    features = [
        {"feature_name": "context_movie_id", "feature_length": 10, **movies},
        {"feature_name": "context_movie_rating", "feature_length": 10, "feature_type": "FLOAT"},
        {
            "feature_name": "context_movie_genre",
            "feature_type": "STRING",
            "vocab_name": "movie_genre_vocab.txt",
            "vocab_size": 30,
            "embedding_dim": 4,
            "feature_length": 10,
        },
    ]
    return recframe_pb2.InputConfig(
        activity_feature_groups=[{"features": features}],
        label_feature={"feature_name": "label_movie_id", "feature_length": 1, **movies},
    )


def main() -> None:
    tf.constant(0)  # TensorFlow's own start is not measured
    options = SyntheticOptions(users=USERS, items=ITEMS, events_per_user=EVENTS_PER_USER, seed=0)
    with tempfile.TemporaryDirectory() as name:
        folder = write_dat(load(options, DatasetContext(seed=0, cache=Path(name))), Path(name, "ml-1m"))
        ratings = folder / "ratings.dat"
        print(f"{ratings.stat().st_size / 1e6:.0f} MB of ratings")
        meta = timed("write train and test", lambda: DataLoader.generate_movielens_dataset(folder))
        written = sum(Path(meta[key]).stat().st_size for key in ("train_file", "test_file"))
        print(f"  {meta['train_size'] + meta['test_size']} examples, {written / 1e6:.0f} MB")
        timed("the same again: nothing to do", lambda: DataLoader.generate_movielens_dataset(folder))
        input_spec = spec(DataLoader.get_num_classes(meta))
        loader = timed("from_movielens, train", lambda: DataLoader.from_movielens(folder, "train", input_spec))
        batches = loader.gen_dataset(batch_size=1024, is_training=True, shuffle=True)
        timed("gen_dataset, a shuffled pass, batch 1024", lambda: sum(1 for _ in batches))


if __name__ == "__main__":
    main()
