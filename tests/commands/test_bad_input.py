"""A mistake in the data, the overrides or a plugin: exit code 2, one clear message, and nothing that looks whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from recframe.runtime import Bundle
from tests.builtin.datasets.movielens_folder import write_movielens
from tests.commands.processes import Recframe, run_process

MOVIELENS = ["dataset=movielens", "dataset.path=ml", "train.epochs=1"]


def _nothing(folder: Path) -> None: ...


def _folder_of_books(folder: Path) -> None:
    (folder / "ml").mkdir()
    (folder / "ml/books.txt").touch()


def _bad_row(folder: Path) -> None:
    ratings = write_movielens(folder / "ml") / "ratings.csv"
    lines = ratings.read_text().splitlines()
    lines[4] = "1,7,good,900000000"
    ratings.write_text("\n".join(lines))


def _empty_file(folder: Path) -> None:
    (write_movielens(folder / "ml") / "ratings.csv").write_text("")


def _one_event_each(folder: Path) -> None:
    rows = "".join(f"{user},{user % 5 * 3 + 1},3,{user}\n" for user in range(1, 31))
    (write_movielens(folder / "ml") / "ratings.csv").write_text("userId,movieId,rating,timestamp\n" + rows)


def _plugin(code: str) -> Callable[[Path], None]:
    """An installed distribution `bad` with this module, as pip would install it into a folder."""

    def write(folder: Path) -> None:
        info = folder / "site/bad-0.1.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bad\nVersion: 0.1\n")
        (info / "entry_points.txt").write_text("[recframe]\nbad = bad_plugin\n")
        (folder / "site/bad_plugin.py").write_text(code)

    return write


FAILS_AT_IMPORT = "import a_module_that_nobody_has\n"
FAILS_WHEN_BUILT = """\
import recframe

@recframe.hookimpl
def recframe_encoders():
    yield recframe.EncoderType("odd", summary="Broken.", build=lambda options, context: 1 / 0)
"""

NOT_CONVERTED = """\
import keras
import recframe

class Odd(keras.layers.Layer):
    def call(self, steps, mask):
        import tensorflow as tf
        read = steps * tf.cast(mask, steps.dtype)[..., None]
        return tf.raw_ops.Igamma(a=tf.reduce_sum(read, 1) ** 2 + 1.0, x=tf.constant(1.0))

@recframe.hookimpl
def recframe_encoders():
    yield recframe.EncoderType("odd", summary="Not for phones.", build=lambda options, context: Odd())
"""

MISTAKES: dict[str, tuple[Callable[[Path], None], list[str], list[str]]] = {
    "missing folder": (_nothing, MOVIELENS, ["no folder ml", "dataset.path"]),
    "another layout": (_folder_of_books, MOVIELENS, ["ml is not a MovieLens folder", "books.txt", "ratings.csv"]),
    "bad row": (_bad_row, MOVIELENS, ["ml/ratings.csv, line 5, column rating: 'good' is not a number"]),
    "empty file": (_empty_file, MOVIELENS, ["ml/ratings.csv is empty"]),
    "one event each": (_one_event_each, MOVIELENS, ["no training target", "30 users with 30 events in all"]),
    "unknown encoder": (_nothing, ["encoder=cn"], ["no encoder 'cn'; did you mean 'cnn'?", "bow, cnn"]),
    "wrong type": (_nothing, ["encoder=cnn", "encoder.kernel_size=big"], ["encoder.kernel_size: expected an integer"]),
    "another's option": (_nothing, ["dataset.path=ml"], ["dataset 'synthetic' has no option", "dataset=movielens"]),
    "run folder in a file": (lambda folder: (folder / "run").touch(), ["seed=1"], ["run: File exists"]),
    "loss not finite": (_nothing, ["+experiment=smoke", "train.learning_rate=1e30"], ["lower train.learning_rate"]),
    "plugin not loaded": (_plugin(FAILS_AT_IMPORT), ["encoder=odd"], ["no encoder 'odd'", "failed to load: bad"]),
    "plugin not built": (
        _plugin(FAILS_WHEN_BUILT),
        ["+experiment=smoke", "encoder=odd"],
        ["encoder 'odd' of bad 0.1 fails in `build`: ZeroDivisionError", "bad_plugin.py:", "recframe check bad"],
    ),
    "plugin not converted": (
        _plugin(NOT_CONVERTED),
        ["+experiment=smoke", "encoder=odd"],
        ["tflite/float32: the model does not convert", "LiteRT has no Igamma", "history: odd of bad 0.1"],
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_exits_with_2_and_one_message(name: str, tmp_path: Path, recframe: Recframe) -> None:
    make, arguments, words = MISTAKES[name]
    make(tmp_path)
    if name.startswith("plugin"):
        done = run_process(*arguments, "hydra.run.dir=run", folder=tmp_path, PYTHONPATH=str(tmp_path / "site"))
    else:
        done = recframe(*arguments, "hydra.run.dir=run", folder=tmp_path)
    assert done.returncode == 2, done.stderr
    # Notes of the data may come first.
    message = [line for line in done.stderr.splitlines() if not line.startswith("· ")]
    assert message[0].startswith("recframe: ")
    assert len(message) <= 2
    for word in words:
        assert word in done.stderr
    assert not (tmp_path / "run/export").exists()
    if name != "loss not finite":  # training had begun
        assert not (tmp_path / "run").is_dir()


@pytest.mark.slow
def test_a_broken_plugin_is_listed_and_harms_nothing_else(tmp_path: Path) -> None:
    _plugin(FAILS_AT_IMPORT)(tmp_path)
    path = {"PYTHONPATH": str(tmp_path / "site")}
    listed = run_process("plugins", folder=tmp_path, **path)
    assert listed.returncode == 0
    assert "No module named 'a_module_that_nobody_has'" in listed.stdout
    described = run_process("describe", "encoder/bow", folder=tmp_path, **path)
    assert described.returncode == 0, described.stderr


@pytest.mark.slow
def test_repeated_events_and_a_user_with_one_event_are_noted_and_used(tmp_path: Path, recframe: Recframe) -> None:
    ratings = write_movielens(tmp_path / "ml", users=40, items=30, seed=1) / "ratings.csv"
    lines = ratings.read_text().splitlines()
    ratings.write_text("\n".join([*lines, *lines[1:11], "999,1,3,900000000"]))
    done = recframe(*MOVIELENS, "hydra.run.dir=run", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "10 rows were dropped, since they repeat a user, movie and time" in done.stderr
    assert "users have fewer than 3 events: they are used for training, but not for evaluation" in done.stderr
    assert "41 users" in done.stdout
    Bundle(tmp_path / "run/export")
