"""A checkpoint, its state or the run's vocabularies are refused if they have changed since they were written."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

import recframe
from recframe import load_run, train
from recframe.errors import SpecError
from tests.chaos.flips import flipped

SMALL = ["dataset.users=40", "dataset.items=20", "dataset.events_per_user=8", "model.width=4", "train.epochs=0"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "run"
    train(recframe.compose([*SMALL, "train.tensorboard=false"]), folder)
    return folder


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "run"))


def test_a_run_as_it_was_written_is_read(run: Path) -> None:
    assert load_run(run).metrics["counts"]["items"] == 20


def test_the_state_has_the_digest_of_the_weights_and_its_own(made: Path) -> None:
    state = json.loads((made / "checkpoints" / "state.json").read_text())
    weights = (made / "checkpoints" / "best.weights.h5").read_bytes()
    assert state["weights_sha256"] == hashlib.sha256(weights).hexdigest()
    own = state.pop("sha256")
    plain = json.dumps(state, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert own == hashlib.sha256(plain.encode()).hexdigest()


@pytest.mark.parametrize(
    "name", ["checkpoints/best.weights.h5", "checkpoints/state.json", "vocab/item.txt", "vocab/features.json"]
)
def test_a_flipped_bit_is_refused_by_whatever_reads_it(run: Path, name: str) -> None:
    path = run / name
    content = path.read_bytes()
    path.write_bytes(flipped(content, 4 * len(content) + 2))  # in the middle
    with pytest.raises(SpecError, match=r"differs from what the run wrote \(sha256\)|cannot be read"):
        load_run(run)
    with pytest.raises(SpecError, match=r"train\.warm_start: .*(differs from what the run wrote|cannot be read)"):
        train(recframe.compose([*SMALL, f"train.warm_start={run}"]))


def test_weights_of_another_run_are_refused(run: Path, tmp_path: Path) -> None:
    train(recframe.compose([*SMALL, "train.tensorboard=false", "seed=2"]), tmp_path / "other")
    shutil.copy(tmp_path / "other" / "checkpoints" / "best.weights.h5", run / "checkpoints")
    with pytest.raises(SpecError, match=r"best\.weights\.h5: differs from what the run wrote"):
        load_run(run)


def test_a_run_without_a_state_has_no_checkpoint(run: Path) -> None:
    (run / "checkpoints" / "state.json").unlink()
    with pytest.raises(SpecError, match="the run stopped before its first checkpoint; train again"):
        load_run(run)
