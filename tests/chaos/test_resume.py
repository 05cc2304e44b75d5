"""kill -9 of `recframe` at chosen moments: it goes on to the same bits. `docs/reliability.md` has what came out.

Run it with `pytest -m slow tests/chaos/test_resume.py -s`, which prints the figures of the table.
"""

from __future__ import annotations

import hashlib
import json
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.forks import Forks
from tests.chaos.test_folders import seed_of
from tests.runs.stand_in import hidden_in

pytestmark = pytest.mark.slow

TINY = ["dataset.users=60", "dataset.items=40", "dataset.events_per_user=12", "model.history_length=6", "model.width=8"]
TINY += ["train.epochs=3", "train.batch_size=64", "train.steps_per_call=2", "evaluation.baselines=[]"]
TINY += ["export.parity_histories=20", "hydra.run.dir=run"]
#: What is moment of each moment, and where the process is killed.
MOMENTS = {
    "before the first call": "recframe.runs.fitting:_Fitting.train 1 before",
    "in the first epoch": "recframe.runs.fitting:_Fitting._progress 2 after",
    "in the second epoch": "recframe.runs.fitting:_Fitting._progress 8 before",
    "while a state is written": "recframe.training.training_state:_write 20 before",
    "while a state gets its name": "recframe.training.training_state:sync_folder 5 before",
    "while an epoch is measured": "recframe.runs.fitting:_validation 2 before",
    "between the best weights and their state.json": "recframe.training.checkpoints:write_text 2 before",
    "between the checkpoint and the state of training": "recframe.runs.fitting:save_checkpoint 2 after",
    "between the last checkpoint and the last state": "recframe.runs.fitting:write_state 1 before",
    "in the evaluation": "recframe.runs.training:evaluate 1 before",
    "in the export": "recframe.export.bundle_files.manifest:file_sha256 2 before",
    "before the report": "recframe.commands.train_and_report:write_report 1 before",
    "before the state is removed": "recframe.commands.train_and_report:forget_state 1 before",
}
SPREAD = 10


def content(run: Path) -> dict[str, Any]:
    """All that must be equal: figures without times, the best weights, and what is exported."""
    metrics = json.loads((run / "metrics.json").read_text())
    del metrics["timings"]
    for exported in metrics["exports"].values():
        del exported["p50_us"], exported["p99_us"]
    files = ["checkpoints/best.weights.h5", "export/model.tflite", "export/golden.json", "config.yaml"]
    digests = {name: hashlib.sha256((run / name).read_bytes()).hexdigest() for name in files}
    vocabularies = {path.name: path.read_text() for path in (run / "vocab").iterdir()}
    return {"metrics": metrics, **digests, **vocabularies}


@pytest.fixture(scope="module")
def whole(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], int]:
    """A run that was not killed, and how many changes it made on the disk."""
    folder = tmp_path_factory.mktemp("whole")
    done = forks("count", *TINY, folder=folder)
    assert done.returncode == 0, done.stderr
    counted = re.search(r"changes: (\d+)", done.stdout)
    assert counted is not None
    return content(folder / "run"), int(counted.group(1))


def goes_on(forks: Forks, moment: str, words: list[str], folder: Path, expected: dict[str, Any]) -> None:
    """The run is killed at a moment, and then ends as if it had not been."""
    killed = forks(moment, *TINY, folder=folder)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    done = forks("never", *words, folder=folder)
    assert done.returncode == 0, done.stderr
    assert content(folder / "run") == expected
    assert hidden_in(folder) == []
    assert sorted(path.name for path in (folder / "run" / "checkpoints").iterdir()) == ["best.weights.h5", "state.json"]
    assert len(list((folder / "run" / "tensorboard").iterdir())) == 1


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_a_moment(moment: str, whole: tuple[dict[str, Any], int], forks: Forks, tmp_path: Path) -> None:
    goes_on(forks, MOMENTS[moment], ["train", "resume=run"], tmp_path, whole[0])


def test_killed_at_changes_on_the_disk(whole: tuple[dict[str, Any], int], forks: Forks, tmp_path: Path) -> None:
    """By the same command, since before config.yaml there is nothing that `resume=` could name."""
    expected, changes = whole
    for part in range(SPREAD):
        (tmp_path / str(part)).mkdir()
        goes_on(forks, f"change {1 + changes * part // SPREAD}", TINY, tmp_path / str(part), expected)
    print(f"\n{SPREAD} kills, spread over {changes} changes on the disk")


def test_a_run_that_replaces_another_goes_on_too(forks: Forks, tmp_path: Path) -> None:
    """The nightly retrain, which starts from the weights in its own folder."""
    assert forks("never", *TINY, "seed=1", folder=tmp_path).returncode == 0
    again = [*TINY, "seed=2", "train.warm_start=run", "dataset.vocabulary_from=run"]
    subprocess.run(["cp", "-r", "run", "before"], cwd=tmp_path, check=True)
    assert forks("never", *again, "overwrite=true", folder=tmp_path).returncode == 0
    expected = content(tmp_path / "run")
    for words in ([*again, "overwrite=true"], ["train", "resume=run"]):
        subprocess.run("rm -r run; cp -r before run", shell=True, cwd=tmp_path, check=True)
        killed = forks("recframe.runs.fitting:_Fitting._progress 8 before", *again, "overwrite=true", folder=tmp_path)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert seed_of(tmp_path / "run") == 1
        done = forks("never", *words, folder=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "resumes from epoch 2, step" in done.stderr
        assert content(tmp_path / "run") == expected
        assert seed_of(tmp_path / "run") == 2
        assert hidden_in(tmp_path) == []
