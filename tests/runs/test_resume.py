"""A stopped run is resumed with bit-identical results, wherever it was stopped."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

import recframe
from recframe.runs.listener import Listener
from recframe.training import training_state
from recframe.training.training_state import TRAINING, read_state
from tests.training.test_tensorboard import written

pytestmark = pytest.mark.slow

TINY = ["dataset.users=60", "dataset.items=40", "dataset.events_per_user=12", "model.history_length=6", "model.width=8"]
TINY += ["train.epochs=4", "train.batch_size=32", "train.steps_per_call=2", "model.dropout=0.3"]
TINY += ["evaluation.baselines=[]", "export.parity_histories=20"]
BOW = ["encoder=bow"]  # where the encoder is not the matter: it compiles in less time


class Quiet(Listener):
    """Keeps the notes, and stops the run after `calls` calls or `epochs` epochs, before the last state is saved."""

    def __init__(self, calls: int | None = None, epochs: int | None = None) -> None:
        self.notes: list[str] = []
        self.calls, self.epochs = itertools.count(1), itertools.count(1)
        self.last_call, self.last_epoch = calls, epochs

    def say(self, message: str) -> None:
        self.notes.append(message)

    def progress(self, progress: Any) -> None:
        if next(self.calls) == self.last_call:
            raise KeyboardInterrupt

    def epoch(self, epoch: int, loss: float, validation: dict[str, float], best: bool) -> None:
        if next(self.epochs) == self.last_epoch:
            raise KeyboardInterrupt


@pytest.fixture(autouse=True)
def _state_after_each_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_state, "INTERVAL", 0.0)
    monkeypatch.setattr(training_state, "SHARE", 1e9)


def content(run: recframe.Run) -> dict[str, Any]:
    """All that must be equal: the weights, the figures but for the times, the exported model and the curves."""
    folder = run.folder
    assert folder is not None
    if not (folder / "export").exists():
        run.export()
    metrics = json.loads((folder / "metrics.json").read_text())
    del metrics["timings"]
    for exported in metrics["exports"].values():
        del exported["p50_us"], exported["p99_us"]
    weights = [weight.tobytes() for weight in run.model.get_weights()]
    model = (folder / "export" / "model.tflite").read_bytes()
    return {"weights": weights, "metrics": metrics, "model": model, "curves": written(folder / "tensorboard")}


def stopped(spec: recframe.ExperimentSpec, folder: Path, **where: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        recframe.train(spec, folder, Quiet(**where))
    assert (folder / TRAINING).exists()


@pytest.mark.parametrize("loss", ["softmax", "in_batch"])
@pytest.mark.parametrize("encoder", ["bow", "cnn", "lstm"])
def test_the_same_bits_in_the_middle_of_an_epoch(encoder: str, loss: str, tmp_path: Path) -> None:
    spec = recframe.compose([*TINY, f"encoder={encoder}", f"loss={loss}"])
    whole = recframe.train(spec, tmp_path / "whole", Quiet())
    calls = len(whole.history) * 3 + 2
    stopped(spec, tmp_path / "run", calls=calls)
    state = read_state(tmp_path / "run")
    assert state is not None
    assert state.last is not None
    assert 0 < state.last.step < state.last.steps
    again = Quiet()
    run = recframe.train(spec, tmp_path / "run", again)
    assert any(f"resumes from epoch {state.epochs}, step {state.last.step} of" in note for note in again.notes)
    assert content(run) == content(whole)
    assert not (tmp_path / "run" / TRAINING).exists()


@pytest.mark.parametrize("mode", ["windows", "positions"])
@pytest.mark.parametrize("optimizer", ["adamw", "adagrad", "adagrad_model_maker"])
def test_the_same_bits_with_each_optimizer_in_each_mode(mode: str, optimizer: str, tmp_path: Path) -> None:
    options = [f"train.mode={mode}", f"train.optimizer={optimizer}", "train.weight_decay=0.01"]
    spec = recframe.compose([*TINY, *BOW, *options])
    whole = recframe.train(spec, tmp_path / "whole", Quiet())
    stopped(spec, tmp_path / "run", epochs=3)  # after training, before the third is measured
    assert content(recframe.resume(tmp_path / "run", listener=Quiet())) == content(whole)


@pytest.mark.parametrize("mode", ["windows", "positions"])
def test_the_same_bits_with_the_moment_of_asking(mode: str, tmp_path: Path) -> None:
    moment = "groups.now={scope: now, features: {hour: {type: int}, gap: {type: buckets, source: time_since_previous}}}"
    spec = recframe.compose([*TINY, moment, f"train.mode={mode}"])
    whole = recframe.train(spec, tmp_path / "whole", Quiet())
    stopped(spec, tmp_path / "run", calls=5)
    assert content(recframe.resume(tmp_path / "run", listener=Quiet())) == content(whole)


@pytest.mark.parametrize("calls", [5, 8])
def test_the_same_bits_with_averages_and_a_learning_rate_that_changes(calls: int, tmp_path: Path) -> None:
    options = ["train.averaging=0.9", "train.warmup_epochs=1.5", "train.schedule=cosine", "model.event_dropout=0.1"]
    spec = recframe.compose([*TINY, *BOW, *options])
    whole = recframe.train(spec, tmp_path / "whole", Quiet())
    stopped(spec, tmp_path / "run", calls=calls)
    assert content(recframe.resume(tmp_path / "run", listener=Quiet())) == content(whole)


def test_a_cosine_does_not_resume_with_other_epochs(tmp_path: Path) -> None:
    stopped(recframe.compose([*TINY, "train.schedule=cosine"]), tmp_path / "run", calls=2)
    with pytest.raises(recframe.SpecError, match=r"train\.epochs is 9, but it was 4"):
        recframe.resume(tmp_path / "run", {"train": {"epochs": 9}}, listener=Quiet())


def test_stopped_again_and_again(tmp_path: Path) -> None:
    spec = recframe.compose([*TINY, *BOW, "train.epochs=2"])
    whole = recframe.train(spec, tmp_path / "whole", Quiet())
    times = 0
    while times < 50:
        times += 1
        try:
            run = recframe.train(spec, tmp_path / "run", Quiet(calls=3))
            break
        except KeyboardInterrupt:
            continue
    assert times > 4
    assert content(run) == content(whole)
