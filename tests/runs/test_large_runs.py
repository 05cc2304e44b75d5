"""A large run tells in advance how much time and memory it needs, and a run that cannot fit is refused."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import recframe
from recframe import train
from recframe.errors import SpecError
from recframe.plugin.manager import load_plugins
from recframe.plugin.types import DatasetContext
from recframe.process import memory, pace
from recframe.runs import forecast, memory_needed
from recframe.training.loop import CALL_OPERATIONS, CALL_STEPS

SMALL = [
    "dataset.users=60",
    "dataset.items=40",
    "dataset.events_per_user=9",
    "model.history_length=6",
    "train.epochs=1",
]
QUICK = ["evaluation.top_k=[5]", "evaluation.baselines=[popularity]", "exporters=[]", "train.tensorboard=false"]


def needed(*overrides: str, items: int = 41) -> dict[str, int]:
    return memory_needed.memory_needed(recframe.compose([*SMALL, *overrides]), load_plugins(), items)


def test_the_weights_are_counted_as_often_as_training_keeps_them() -> None:
    weights = next(size for name, size in needed("model.width=16").items() if name.startswith("the weights"))
    # The table and the projection, each with its gradient, AdamW's two moments, and the best twice; by hand.
    assert weights == (41 * 16 + 16 * 16) * (1 + 1 + 2 + 2) * 4
    untied = next(iter(needed("model.width=16", "model.tie_embeddings=false").values()))
    assert untied == (2 * 41 * 16 + 16 * 16) * 6 * 4
    assert next(iter(needed("model.width=16", "train.epochs=0").values())) == (41 * 16 + 16 * 16) * 4


@pytest.mark.parametrize(
    ("override", "more"),
    [
        ("label.vocab_size=1000000", "the weights"),
        ("model.width=4096", "the weights"),
        ("train.batch_size=1000000", "a step of training"),
        ("train.steps_per_call=10000", "the batches of a call"),
        ("evaluation.batch_size=65536", "evaluation"),
    ],
)
def test_what_an_option_makes_large_is_counted(override: str, more: str) -> None:
    before, after = needed(), needed(override)
    grown = [name for name in after if name.startswith(more) or name in before]
    assert sum(after.values()) > 5 * sum(before.values()), grown


def test_what_does_not_fit_is_refused_before_anything_is_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(memory_needed, "free_memory", lambda: 10**9)
    spec = recframe.compose([*SMALL, *QUICK, "label.vocab_size=50000000"])
    with pytest.raises(
        SpecError, match=r"needs at least [\d,.]+ GB of memory, but 1\.0 GB are free: .*label\.vocab_size"
    ):
        train(spec, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_run_that_fits_is_not_refused_and_a_large_need_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    spec, registries, notes = recframe.compose(SMALL), load_plugins(), list[str]()
    data = registries.datasets["synthetic"].load(spec.dataset.options, DatasetContext(1, Path()))
    monkeypatch.setattr(memory_needed, "free_memory", lambda: None)
    memory_needed.require_memory(
        recframe.compose([*SMALL, "label.vocab_size=100000000"]), registries, data, notes.append
    )
    memory_needed.require_memory(spec, registries, data, notes.append)
    assert len(notes) == 1
    assert notes[0].startswith("this run needs at least ")


def test_free_memory_is_what_the_system_says() -> None:
    free = memory.free_memory()
    assert free is None or 10**7 < free < 10**14


def test_memory_that_runs_out_is_one_message(
    monkeypatch: pytest.MonkeyPatch, recframe: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    def fail(*arguments: Any, **options: Any) -> None:
        raise MemoryError

    monkeypatch.setattr("recframe.commands.train_and_report.train_in", fail)
    done = recframe(*SMALL, folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("recframe: not enough memory")
    assert "Traceback" not in done.stderr


def pace_lines(monkeypatch: pytest.MonkeyPatch, each: float, parts: int, **named: Any) -> list[str]:
    """What is said of work whose parts take so many seconds each."""
    clock, notes = itertools.count(0.0, each), list[str]()
    monkeypatch.setattr(pace.time, "perf_counter", lambda: next(clock))
    tell = pace.Pace("ranking", notes.append, **named)
    for part in range(1, parts + 1):
        tell(part, parts)
    return notes


def test_long_work_is_reported_within_seconds_and_then_from_time_to_time(monkeypatch: pytest.MonkeyPatch) -> None:
    notes = pace_lines(monkeypatch, 1.0, 300)
    assert notes[0] == "ranking: 1% after 3 s, about 297 s to go".replace("297 s", "5 min")
    assert len(notes) == 5
    assert notes[1].startswith("ranking: 21% after 63 s, about 4 min")


def test_short_work_is_not_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pace_lines(monkeypatch, 0.1, 200) == []
    assert pace_lines(monkeypatch, 4.0, 5) == []


def test_a_slow_start_is_no_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    times, notes = iter([0.0, 50.0, 51.0, 52.0]), list[str]()
    monkeypatch.setattr(pace.time, "perf_counter", lambda: next(times))
    tell = pace.Pace("epoch 1", notes.append, warm_up=True)
    for part in (1, 2, 3):
        tell(part, 100)
    assert notes == ["epoch 1: 2% after 51 s, about 98 s to go"]


class _Trainer:
    """The parts of a trainer that a forecast reads."""

    def __init__(self, operations: float, steps: int, compared: int = 301) -> None:
        self.operations, self.steps, self.compared = operations, steps, compared
        self.spec = recframe.compose([*SMALL, "train.epochs=3"])
        self.model: Any = type("Model", (), {"table": np.zeros((301, 2))})


def test_the_time_of_a_long_epoch_is_reported_in_advance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecast, "_operations_per_second", lambda: 1e10)
    notes: list[str] = []
    forecast.tell_forecast(_Trainer(6e10, 100), notes.append)  # type: ignore[arg-type]
    assert notes[0].startswith("an epoch will take 10 min or more on this machine: 100 steps of 6 s over 300 items")
    assert "smaller model.width" in notes[0]
    forecast.tell_forecast(_Trainer(6e8, 100), notes.append)  # type: ignore[arg-type]
    assert len(notes) == 1
    forecast.tell_forecast(_Trainer(6e10, 100, 100_000), notes.append)  # type: ignore[arg-type]
    assert "loss=sampled_softmax" in notes[1]


def test_a_sampled_loss_is_forecast_by_what_it_compares() -> None:
    words = [*SMALL, "dataset.users=300", "label.vocab_size=200000", "train.batch_size=256"]
    costs = {loss: _operations([*words, f"loss={loss}"]) for loss in ("softmax", "sampled_softmax", "in_batch")}
    assert costs["softmax"] > 50 * costs["sampled_softmax"] > 50 * costs["in_batch"]


def _operations(words: list[str]) -> float:
    from recframe.data.training_examples import SequenceExamples
    from recframe.runs.building import build
    from recframe.runs.data import load_data
    from recframe.training.loop import Trainer

    spec, registries = recframe.compose(words), load_plugins()
    data = load_data(spec, registries, lambda message: None)
    return Trainer(spec, registries, SequenceExamples(data), build(spec, registries, data).model).operations


def test_a_call_takes_some_seconds_at_most_however_large_the_catalogue() -> None:
    from recframe.data.prepare import prepare
    from recframe.data.training_examples import SequenceExamples
    from recframe.model.dual_encoder import build_model
    from recframe.training.loop import Trainer

    registries = load_plugins()
    for overrides, calls in ((["label.vocab_size=300000"], 1), ([], CALL_STEPS)):
        spec = recframe.compose([*SMALL, "dataset.users=2000", "train.batch_size=2048", *overrides])
        loaded = registries.datasets["synthetic"].load(spec.dataset.options, DatasetContext(1, Path()))
        data = prepare(spec, registries, loaded)
        model = build_model(spec, registries, data.features, data.num_labels)
        trainer = Trainer(spec, registries, SequenceExamples(data), model)
        assert trainer.per_call <= calls
        assert trainer.per_call == 1 or trainer.per_call * trainer.operations < CALL_OPERATIONS
        # By hand: there and back, each of 2,048 targets meets each row of the table.
        assert trainer.operations > 6 * 2048 * data.num_labels * 32
    assert trainer.per_call > 1
