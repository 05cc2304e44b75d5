"""What a run folder holds after a second run, an interrupted one, and beside another process."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest

import recframe as package
from recframe import Run, load_run, train
from recframe.errors import FolderError
from recframe.runs.listener import Listener
from recframe.runs.place import writing
from recframe.runtime import Bundle

pytestmark = pytest.mark.slow
Recframe = Callable[..., subprocess.CompletedProcess[str]]
TINY = ["dataset.users=60", "dataset.items=40", "dataset.events_per_user=12", "model.history_length=6", "model.width=8"]
TINY += ["encoder=bow", "train.epochs=3", "train.patience=9", "evaluation.baselines=[]", "export.parity_histories=20"]


class StopAfter(Listener):
    """Ctrl-C once the weights of an epoch are kept, in the next one."""

    def __init__(self, epoch: int) -> None:
        self.last = epoch

    def say(self, message: str) -> None: ...

    def progress(self, progress: Any) -> None:
        if progress.epoch > self.last:
            raise KeyboardInterrupt


def _content(folder: Path) -> dict[str, str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished") / "run"
    train(package.compose([*TINY]), folder).export()
    (folder / "report.html").write_text("of the run")
    return folder


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    shutil.copytree(finished, tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was stopped in its third epoch, with weights of the first or second."""
    folder = tmp_path_factory.mktemp("stopped") / "run"
    with pytest.raises(KeyboardInterrupt):
        train(package.compose([*TINY]), folder, StopAfter(2))
    return folder


@pytest.mark.parametrize(
    "wrong",
    [
        ["train.learning_rate=1e30", "train.optimizer=sgd"],
        ["train.warm_start=run", "model.width=4"],
    ],
    ids=lambda words: words[0],
)
def test_a_mistake_leaves_the_finished_run(wrong: list[str], run: Path, recframe: Recframe) -> None:
    before = _content(run)
    done = recframe(*TINY, *wrong, "hydra.run.dir=run", "overwrite=true", folder=run.parent)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert _content(run) == before
    assert list(run.parent.iterdir()) == [run]


def test_ctrl_c_leaves_the_finished_run(run: Path) -> None:
    before = _content(run)
    with pytest.raises(KeyboardInterrupt) as raised:
        train(package.compose([*TINY]), run, StopAfter(1), overwrite=True)
    assert raised.value.__notes__ == [f"the earlier run in {run} is unchanged"]
    assert _content(run) == before


def test_the_nightly_retrain_goes_on_in_its_own_folder(run: Path, recframe: Recframe) -> None:
    ids = ["dataset.vocabulary_from=run", "train.warm_start=run", "hydra.run.dir=run", "seed=2", "overwrite=true"]
    done = recframe(*TINY, *ids, folder=run.parent)
    assert done.returncode == 0, done.stderr
    assert "warm start from run: items: " in done.stderr
    assert {path.name for path in run.iterdir()} == {
        *("config.yaml", "vocab", "metrics.json", "checkpoints", "tensorboard", "report.html", "export")
    }
    assert sorted(path.name for path in (run / "checkpoints").iterdir()) == ["best.weights.h5", "state.json"]
    assert Bundle(run / "export").manifest["seed"] == 2
    assert "seed: 2" in (run / "config.yaml").read_text()
    assert (run / "report.html").read_text() != "of the run"
    assert load_run(run).metrics["exports"]


def test_a_folder_that_another_process_writes_to_is_refused(run: Path, recframe: Recframe) -> None:
    before = _content(run)
    with writing(run):  # as another process: it is another opened file
        for words in ([*TINY, "hydra.run.dir=run"], ["evaluate", "run"], ["export", "run"]):
            done = recframe(*words, folder=run.parent)
            assert done.returncode == 2, done.stderr
            assert "is writing here" in done.stderr
            assert "Traceback" not in done.stderr
    assert _content(run) == before


def test_the_working_directory_can_be_the_run_folder(tmp_path: Path, recframe: Recframe) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    for _ in range(2):
        done = recframe(*TINY, "train.epochs=1", "exporters=[]", "hydra.run.dir=.", "overwrite=true", folder=tmp_path)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "notes.txt").read_text() == "mine"
        assert not list(tmp_path.glob(".*"))


def test_an_export_takes_no_place_but_a_bundle_s(finished: Path, tmp_path: Path) -> None:
    run = load_run(finished)
    run.folder = None
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("mine")
    with pytest.raises(FolderError, match=r"did not write index\.md"):
        run.export(tmp_path / "docs")
    assert (tmp_path / "docs" / "index.md").read_text() == "mine"
    (tmp_path / "docs" / "index.md").unlink()
    for _ in range(2):
        run.export(tmp_path / "docs")
        Bundle(tmp_path / "docs")


def test_a_run_does_not_export_into_the_folder_of_the_next(run: Path) -> None:
    earlier = load_run(run)
    train(package.compose([*TINY, "seed=2", "train.epochs=1"]), run, overwrite=True)
    with pytest.raises(FolderError, match="another run has since replaced this one"):
        earlier.export()
    assert not (run / "export").exists()


def test_a_stopped_run_says_so_wherever_it_is_read(stopped: Path, tmp_path: Path, recframe: Recframe) -> None:
    shutil.copytree(stopped, tmp_path / "run")
    for words in (["evaluate", "run"], ["export", "run"]):
        done = recframe(*words, folder=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "unfinished: the run was stopped during training" in done.stdout
    assert "stopped during training" in json.loads((tmp_path / "run" / "metrics.json").read_text())["unfinished"]
    assert "Unfinished: the run was stopped during training" in (tmp_path / "run" / "report.html").read_text()
    assert "stopped during training" in Bundle(tmp_path / "run" / "export").manifest["unfinished"]
    for words in (["recommend", "run/export", "--history"], ["check-bundle", "run/export"]):
        assert "stopped during training" in recframe(*words, folder=tmp_path).stderr
    done = recframe("evaluate", "run", "run", folder=tmp_path)
    assert "run: the run was stopped during training" in done.stderr
    done = recframe(*TINY, "train.warm_start=run", "exporters=[]", "train.epochs=0", folder=tmp_path)
    assert "warm start from run: the run was stopped during training" in done.stderr


def test_a_stopped_run_is_what_a_shorter_one_would_be(stopped: Path, tmp_path: Path) -> None:
    """The popularity prior too, which a run learns when it ends."""
    loaded = load_run(stopped)
    epoch = json.loads((stopped / "checkpoints" / "state.json").read_text())["epoch"]
    shorter: Run = train(package.compose([*TINY, f"train.epochs={epoch}"]))
    assert np.count_nonzero(np.asarray(shorter.model.prior_strength)) > 0
    for one, other in zip(loaded.model.get_weights(), shorter.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert loaded.unfinished
    assert not shorter.unfinished


def test_a_run_that_was_stopped_is_kept_until_the_next_has_ended(stopped: Path, tmp_path: Path) -> None:
    shutil.copytree(stopped, tmp_path / "run")
    before = _content(tmp_path / "run")
    with pytest.raises(KeyboardInterrupt):
        train(package.compose([*TINY]), tmp_path / "run", StopAfter(0), overwrite=True)
    assert _content(tmp_path / "run") == before
    train(package.compose([*TINY, "train.epochs=1"]), tmp_path / "run", overwrite=True)
    assert load_run(tmp_path / "run").unfinished == ""


def test_weights_and_state_change_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the process dies between the two, the weights before are the run's, with their own state."""
    spec = package.compose([*TINY, "train.epochs=2"])
    from recframe.training import checkpoints

    real, calls = checkpoints.write_text, [0]

    def die(path: Path, text: str) -> None:
        calls[0] += path.name == "state.json"
        if calls[0] == 2:
            raise KeyboardInterrupt
        real(path, text)

    monkeypatch.setattr(checkpoints, "write_text", die)
    with pytest.raises(KeyboardInterrupt):
        train(spec, tmp_path / "run")
    state = json.loads((tmp_path / "run" / "checkpoints" / "state.json").read_text())
    assert state["epoch"] == 1
    assert state["weights"] == "best-1.weights.h5"
    first = train(attrs.evolve(spec, train=attrs.evolve(spec.train, epochs=1)))
    for one, other in zip(load_run(tmp_path / "run").model.get_weights(), first.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
