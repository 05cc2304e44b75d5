"""Run folders and bundles: kills, two writers, foreign files and a small disk. `docs/reliability.md` has what came out.

Run it with `pytest -m slow tests/chaos/test_folders.py -s`, which prints the figures of the table.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from recframe.runs.place import finish_replacement
from recframe.runtime import Bundle
from recframe.runtime.check import check_bundle
from tests.chaos.forks import Forks
from tests.runs.stand_in import hidden_in

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
RECFRAME = [sys.executable, "-m", "recframe"]
TINY = ["dataset.users=60", "dataset.items=40", "dataset.events_per_user=12", "model.history_length=6", "model.width=8"]
TINY += ["train.epochs=2", "evaluation.baselines=[]", "export.parity_histories=20"]
TINY += ["overwrite=true", "hydra.run.dir=run"]
TIMES = 20


@pytest.fixture(autouse=True)
def _as_in_a_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")


def recframe(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*RECFRAME, *words], cwd=folder, capture_output=True, text=True, check=False)


def seed_of(run: Path) -> int:
    """The seed of a run all of whose files are of it, and whole."""
    finish_replacement(run)
    (line,) = [line for line in (run / "config.yaml").read_text().splitlines() if line.startswith("seed: ")]
    manifest = Bundle(run / "export").manifest
    assert all(replay.equal == replay.examples for replay in check_bundle(run / "export"))
    state = json.loads((run / "checkpoints" / "state.json").read_text())
    assert sorted(path.name for path in (run / "checkpoints").iterdir()) == sorted([state["weights"], "state.json"])
    assert state["data_sha256"] == manifest["data_sha256"]
    assert f"seed: {manifest['seed']}\n" in (run / "report.html").read_text()
    assert set(json.loads((run / "metrics.json").read_text())) >= {"test", "exports"}
    for file in (run / "vocab").glob("*.txt"):
        assert file.read_bytes() == (run / "export" / "vocab" / file.name).read_bytes()
    assert line == f"seed: {manifest['seed']}"
    return int(manifest["seed"])


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished")
    done = recframe(*TINY, "seed=1", folder=folder)
    assert done.returncode == 0, done.stderr
    assert seed_of(folder / "run") == 1
    return folder


@pytest.mark.parametrize(
    ("what", "system"),
    [
        ("first", "swaps"),
        ("rerun", "swaps"),
        ("rerun", "without swap"),
        ("rerun without export", "swaps"),
        ("re-export", "swaps"),
        ("re-export", "without swap"),
    ],
)
def test_killed_at_every_change_on_the_disk(what: str, system: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.chaos.folder_kills", what, system, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    print(f"\n{what}, {system}: {sum(seen.values())} kills: {seen}")
    assert sum(seen.values()) > 15


def test_killed_at_twenty_times(finished: Path, forks: Forks, tmp_path: Path) -> None:
    """The nightly retrain, which starts from the weights in its own folder."""
    words = [*TINY, "seed=2", "train.warm_start=run", "dataset.vocabulary_from=run"]
    place, seen, late = tmp_path / "place", Counter[int](), 0

    def retrain(seconds: float | None = None) -> tuple[bool, float]:
        """Whether it was killed, and how long it lasted."""
        shutil.copytree(finished, place)
        began = time.monotonic()
        done = forks("never", *words, folder=place, seconds=seconds)
        length, killed = time.monotonic() - began, done.returncode == -signal.SIGKILL
        assert killed or done.returncode == 0, done.stderr
        Bundle(place / "run" / "export")
        seed = seed_of(place / "run")
        seen[seed] += killed
        assert killed or seed == 2
        shutil.rmtree(place)
        return killed, length

    retrain()  # it compiles, which takes longer
    _, usual = retrain()
    for number in range(1, TIMES + 1):
        while not (outcome := retrain(usual * number / (TIMES + 1)))[0]:
            usual, late = outcome[1], late + 1  # the machine is less busy than before
    print(f"\n{sum(seen.values())} kills: {seen[1]} times the earlier run, {seen[2]} the later; {late} came too late")
    assert sum(seen.values()) == TIMES


def test_several_writers(finished: Path, tmp_path: Path) -> None:
    shutil.copytree(finished, tmp_path / "place")
    run = tmp_path / "place" / "run"
    writers = [
        subprocess.Popen(
            [*RECFRAME, *TINY, f"seed={seed}"],
            cwd=run.parent,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in (2, 3, 4)
    ]
    errors = [writer.communicate()[1] for writer in writers]
    codes = [writer.returncode for writer in writers]
    assert set(codes) <= {0, 2}
    assert 0 in codes
    for code, text in zip(codes, errors, strict=True):
        assert (code == 2) == ("is writing here; wait for it" in text)
    assert codes[seed_of(run) - 2] == 0
    assert hidden_in(run) == []
    print(f"\n3 writers at once: {codes.count(2)} refused")
    assert codes.count(2) >= 1


@pytest.mark.parametrize("words", [["hydra.run.dir=."], ["hydra.run.dir=project"]], ids=lambda words: words[0])
def test_a_foreign_folder(words: list[str], tmp_path: Path) -> None:
    folder = tmp_path if words == ["hydra.run.dir=."] else tmp_path / "project"
    for name in ("export/thesis.docx", "vocab/words.txt", "tensorboard/a.txt", "metrics.json", "config.yaml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("mine")
    done = recframe(*TINY[:-1], *words, folder=tmp_path)
    assert done.returncode == 2
    assert "recframe did not write" in done.stderr
    files = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert len(files) == 5
    assert {path.read_text() for path in files} == {"mine"}


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's namespaces to mount a small disk")
def test_a_disk_of_8_mb(finished: Path, tmp_path: Path) -> None:
    """A rerun in the folder of a finished run, on a disk with less and less space left."""
    (tmp_path / "disk").mkdir()
    mount = "mount -t tmpfs -o size=8m none disk"
    if subprocess.run(["unshare", "-rm", "sh", "-c", mount], cwd=tmp_path, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here, so the disk cannot be full")
    codes = []
    for free in (0, 24, 64, 400):
        script = (
            f"{mount} && cp -r {shlex.quote(str(finished / 'run'))} disk/run && cd disk && "
            f"used=$(df -k . | awk 'END {{print $4}}') && head -c $(( (used - {free}) * 1024 )) /dev/zero >filler; "
            f"{shlex.join([*RECFRAME, *TINY, 'seed=2'])}; code=$?; rm filler; cp -r run ../left; exit $code"
        )
        done = subprocess.run(
            ["unshare", "-rm", "sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        codes.append(done.returncode)
        assert "Traceback" not in done.stderr, done.stderr
        if done.returncode:
            assert done.returncode == 1, done.stderr
            assert "no space left on the disk" in done.stderr
            assert _content(tmp_path / "left") == _content(finished / "run")
        else:
            assert seed_of(tmp_path / "left") == 2
        assert hidden_in(tmp_path / "left") == []
        shutil.rmtree(tmp_path / "left")
    print(f"\n{codes.count(1)} of {len(codes)} runs met a full disk")
    assert codes[0] == 1
    assert codes[-1] == 0


def _content(folder: Path) -> dict[str, str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {os.fspath(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
