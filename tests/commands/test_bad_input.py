"""What goes wrong at a user's desk, through the command line: one clear message, and nothing that looks whole.

Signals, full disks and plugins need a process of their own; the rest runs in this one.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from recframe.runtime import Bundle
from recframe.runtime.bundle import BundleError
from tests.builtin.datasets.movielens_folder import write_movielens

Recframe = Callable[..., subprocess.CompletedProcess[str]]

RECFRAME = [sys.executable, "-m", "recframe"]
MOVIELENS = ["dataset=movielens", "dataset.path=ml", "train.epochs=1"]
SMOKE = ["+experiment=smoke", "hydra.run.dir=run"]


@pytest.fixture(autouse=True)
def _as_in_a_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading TensorFlow in this process sets the variable, and processes would take it over."""
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)


def _process(*arguments: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*RECFRAME, *arguments], cwd=folder, env=os.environ | env, capture_output=True, text=True, check=False
    )


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
    """An installed distribution `bad` with that module, as pip leaves it in a folder."""

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
        ["encoder 'odd' of bad 0.1 cannot be built: ZeroDivisionError", "recframe check bad"],
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
        done = _process(*arguments, "hydra.run.dir=run", folder=tmp_path, PYTHONPATH=str(tmp_path / "site"))
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
    listed = _process("plugins", folder=tmp_path, **path)
    assert listed.returncode == 0
    assert "No module named 'a_module_that_nobody_has'" in listed.stdout
    described = _process("describe", "encoder/bow", folder=tmp_path, **path)
    assert described.returncode == 0, described.stderr


@pytest.mark.slow
def test_repeated_events_and_a_user_with_one_are_told_and_used(tmp_path: Path, recframe: Recframe) -> None:
    ratings = write_movielens(tmp_path / "ml", users=40, items=30, seed=1) / "ratings.csv"
    lines = ratings.read_text().splitlines()
    ratings.write_text("\n".join([*lines, *lines[1:11], "999,1,3,900000000"]))
    done = recframe(*MOVIELENS, "hydra.run.dir=run", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "10 rows repeat a user, movie and time and were dropped" in done.stderr
    assert "users have fewer than 3 events: they train and are not evaluated" in done.stderr
    assert "41 users" in done.stdout
    Bundle(tmp_path / "run/export")


def _on_a_small_disk(size: str, folder: Path) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """The smoke run with its folder on a disk of that size, and the files that are left there."""
    (folder / "disk").mkdir()
    mount = f"mount -t tmpfs -o size={size} none disk"
    if subprocess.run(["unshare", "-rm", "sh", "-c", mount], cwd=folder, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here, so the disk cannot be full")
    command = shlex.join([*RECFRAME, "+experiment=smoke", "hydra.run.dir=disk/run"])
    script = f"{mount} && {{ {command}; code=$?; find disk -type f >left; exit $code; }}"
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script], cwd=folder, capture_output=True, text=True, check=False
    )
    return done, (folder / "left").read_text().split()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's namespaces to mount a small disk")
@pytest.mark.parametrize("size", ["16k", "60k"], ids=["before a checkpoint", "after a checkpoint"])
def test_a_full_disk(size: str, tmp_path: Path) -> None:
    done, left = _on_a_small_disk(size, tmp_path)
    assert done.returncode == 1, done.stderr
    assert "recframe: no space left on the disk" in done.stderr
    assert "Traceback" not in done.stderr
    assert not [name for name in left if "part" in name or "export" in name]
    kept = "disk/run/checkpoints/best-1.weights.h5" in left
    assert kept == (size == "60k")
    assert ("`recframe export disk/run`" in done.stderr) == kept


def _stop(signum: int, arguments: list[str], when: str, folder: Path) -> tuple[int, str]:
    """Start recframe, send the signal once a path of that pattern is there; the exit code and stderr."""
    # A shell's background jobs ignore SIGINT, and so would what they start.
    process = subprocess.Popen(
        [*RECFRAME, *arguments],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    end = time.monotonic() + 120
    while process.poll() is None and not list(folder.glob(when)):
        assert time.monotonic() < end, f"{when} does not appear"
        time.sleep(0.002)
    assert process.poll() is None, f"ended before {when} was there"
    process.send_signal(signum)
    stderr = process.communicate(timeout=60)[1]
    return process.returncode, stderr


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, str]:
    """A run stopped by Ctrl-C in training: its folder, the exit code and what was told."""
    folder = tmp_path_factory.mktemp("stopped")
    longer = ["dataset.users=1000", "train.epochs=500", "train.patience=500"]
    variants = "export.variants=[float32,float16,int8]"  # an export long enough to be stopped half-way
    code, told = _stop(signal.SIGINT, [*SMOKE, *longer, variants], "run/checkpoints/state.json", folder)
    return folder / "run", code, told


@pytest.mark.slow
def test_ctrl_c_in_training_keeps_the_best_weights(stopped: tuple[Path, int, str], recframe: Recframe) -> None:
    run, code, told = stopped
    assert code == 130
    assert "stopped\n  the best weights so far (epoch " in told
    assert "`recframe evaluate run` measures them, and `recframe export run` exports them" in told
    assert "Traceback" not in told
    assert not (run / "export").exists()
    evaluated = recframe("evaluate", "run", folder=run.parent)
    assert evaluated.returncode == 0, evaluated.stderr
    assert "popularity" in evaluated.stdout


@pytest.mark.slow
def test_ctrl_c_before_anything_is_kept(tmp_path: Path, recframe: Recframe) -> None:
    code, told = _stop(signal.SIGINT, [*SMOKE, "dataset.users=3000"], "run/config.yaml", tmp_path)
    assert code == 130
    assert told.endswith("stopped\n  no epoch was done: no weights are kept\n")
    assert all(line.startswith("· ") for line in told.splitlines()[:-2])  # notes of the data
    done = recframe("evaluate", "run", folder=tmp_path)
    assert done.returncode == 2
    assert "stopped before its first checkpoint" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_stopped_while_it_exports(
    stopped: tuple[Path, int, str], signum: int, tmp_path: Path, recframe: Recframe
) -> None:
    run = tmp_path / "run"
    shutil.copytree(stopped[0], run)
    code, told = _stop(signum, ["export", "run"], "run/.export.recframe-part/model.tflite", tmp_path)
    assert code == {signal.SIGINT: 130, signal.SIGTERM: 143}.get(signum, -signum), told
    assert "Traceback" not in told
    assert not (run / "export").exists()
    left = list(run.glob(".export.recframe-part"))
    assert bool(left) == (signum == signal.SIGKILL)
    for folder in left:
        with pytest.raises(BundleError, match="no bundle here"):
            Bundle(folder)
    if left:  # the next export clears away what a killed one had no time to
        assert recframe("export", "run", folder=tmp_path).returncode == 0
        assert [path.name for path in run.glob("*export*")] == ["export"]
        Bundle(run / "export")


@pytest.mark.slow
def test_ctrl_c_in_the_export_of_a_training_run(tmp_path: Path) -> None:
    code, told = _stop(signal.SIGINT, SMOKE, "run/.export.recframe-part", tmp_path)
    assert code == 130
    assert "`recframe export run`" in told
    assert not list((tmp_path / "run").glob("*export*"))


@pytest.mark.slow
def test_sigterm_is_obeyed_within_seconds_in_a_long_native_call(tmp_path: Path, recframe: Recframe) -> None:
    """An epoch in one compiled call, in which Python hears of no signal."""
    long = ["dataset.users=20000", "dataset.items=3000", "train.steps_per_call=10000", "encoder=lstm"]
    folder = ["hydra.run.dir=run", "exporters=[]"]
    process = subprocess.Popen([*RECFRAME, *long, *folder], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 120
    while not list(tmp_path.glob("run/tensorboard/*")):
        assert time.monotonic() < end
        time.sleep(0.05)
    time.sleep(4)  # until the batches are made
    process.terminate()
    began = time.monotonic()
    told = process.communicate(timeout=60)[1]
    assert process.returncode == 143, told
    assert time.monotonic() - began < 12
    assert "stopped" in told
    # Nothing of the folder is in the way of the next run.
    small = ["dataset.users=60", "dataset.items=40", "train.epochs=1", "exporters=[]", "hydra.run.dir=run"]
    done = recframe(*small, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert not list((tmp_path / "run").glob(".*"))
