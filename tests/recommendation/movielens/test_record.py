"""Files that are made again when they must be, used when they can be, and whole or not there at all."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf

from recframe.errors import DataError
from recframe.recommendation import DataLoader
from recframe.recommendation.movielens.record import ExamplesFolder
from tests.recommendation.dat_layout import movielens_spec
from tests.recommendation.example_records import META_KEYS, TEST, TRAIN, as_tuple, records


def changed(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    "arguments",
    [
        {"min_rating": 3.0}, {"min_timeline_length": 8}, {"max_context_length": 4}, {"train_data_fraction": 0.5},
        {"max_context_movie_genre_length": 4}, {"seed": 1}, {"split": "leave_one_out"}, {"shards": 3},
    ],
)  # fmt: skip
def test_other_arguments_make_other_files_and_the_same_do_not(folder: Path, arguments: dict[str, Any]) -> None:
    out = folder / "out"
    first = DataLoader.generate_movielens_dataset(folder, out)
    made = changed(out)
    times = {path: path.stat().st_mtime_ns for path in out.iterdir()}
    assert DataLoader.generate_movielens_dataset(folder, out) == first
    assert {path: path.stat().st_mtime_ns for path in out.iterdir()} == times
    second = DataLoader.generate_movielens_dataset(folder, out, **arguments)
    assert changed(out) != made
    assert second["train_size"] == len(records(second["train_file"]))
    fresh = DataLoader.generate_movielens_dataset(folder, folder / "fresh", **arguments)
    fresh_files, files = changed(folder / "fresh"), changed(out)
    assert files.keys() == fresh_files.keys()  # no shard of before is left
    assert all(files[name] == fresh_files[name] for name in files if name != "meta.json")
    assert {**second, **{key: None for key in META_KEYS if "file" in key}} == {
        **fresh, **{key: None for key in META_KEYS if "file" in key}
    }  # fmt: skip
    assert DataLoader.generate_movielens_dataset(folder, out) == first
    assert changed(out) == made


def test_changed_data_and_lost_files_are_made_again(folder: Path) -> None:
    first = DataLoader.generate_movielens_dataset(folder)
    with (folder / "ratings.dat").open("a") as file:
        file.write("1::1::5::999999999\n1::4::5::999999999\n")
    second = DataLoader.generate_movielens_dataset(folder)
    assert second["train_size"] + second["test_size"] > first["train_size"] + first["test_size"]
    (folder / TEST).unlink()
    (folder / TRAIN).write_bytes(b"half")
    assert DataLoader.generate_movielens_dataset(folder) == second
    assert len(records(second["train_file"])) == second["train_size"]


def test_a_folder_that_moved_has_the_paths_of_now(folder: Path, tmp_path: Path) -> None:
    DataLoader.generate_movielens_dataset(folder)
    folder.rename(tmp_path / "moved")
    times = (tmp_path / "moved" / TRAIN).stat().st_mtime_ns
    meta = DataLoader.generate_movielens_dataset(tmp_path / "moved")
    assert all(Path(meta[key]).parent == tmp_path / "moved" for key in META_KEYS if key.endswith("file"))
    assert (tmp_path / "moved" / TRAIN).stat().st_mtime_ns == times


def test_files_of_another_name_stay(folder: Path) -> None:
    DataLoader.generate_movielens_dataset(folder, shards=2)
    meta = DataLoader.generate_movielens_dataset(folder, train_filename="other", shards=3)
    assert len(list(folder.glob(f"{TRAIN}-*-of-00002"))) == 2
    assert not list(folder.glob(f"{TEST}-*-of-00002"))  # what meta.json no longer names, under the same name
    assert len(records(meta["train_file"])) == meta["train_size"]


def as_model_maker(folder: Path) -> None:
    """What Model Maker leaves: no record, and the examples in an order of its own."""
    (folder / "meta.recframe.json").unlink()
    lines = [example.SerializeToString() for example in records(str(folder / TRAIN))]
    random.Random(5).shuffle(lines)
    with tf.io.TFRecordWriter(str(folder / TRAIN)) as writer:
        for line in lines:
            writer.write(line)


def test_files_of_model_maker_are_used_where_they_agree(folder: Path) -> None:
    meta = DataLoader.generate_movielens_dataset(folder)
    as_model_maker(folder)
    theirs = (folder / TRAIN).read_bytes()
    assert DataLoader.generate_movielens_dataset(folder) == meta
    assert (folder / TRAIN).read_bytes() == theirs
    other = DataLoader.generate_movielens_dataset(folder, max_context_length=4)
    assert (folder / TRAIN).read_bytes() != theirs
    assert len(as_tuple(records(other["train_file"])[0])[0]) == 4


def test_examples_without_the_ratings(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    meta = DataLoader.generate_movielens_dataset(folder)
    (folder / "ratings.dat").unlink()
    assert DataLoader.generate_movielens_dataset(folder) == meta
    assert "are used as they are" in caplog.text
    with pytest.raises(DataError, match=r"no ratings\.dat"):
        DataLoader.generate_movielens_dataset(folder, seed=1)
    as_model_maker(folder)
    assert len(DataLoader.from_movielens(folder, "train", movielens_spec(50))) == meta["train_size"]


def test_nothing_is_left_half_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = folder / "out"
    DataLoader.generate_movielens_dataset(folder, out)
    before = changed(out)

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(ExamplesFolder, "put", fail)
    with pytest.raises(OSError, match="disk full"):
        DataLoader.generate_movielens_dataset(folder, out, seed=3)
    assert changed(out) == before
