"""`recframe -m`: one run for each choice."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from recframe.runtime import Bundle

Recframe = Callable[..., subprocess.CompletedProcess[str]]

TINY = ["dataset.users=80", "dataset.items=60", "dataset.events_per_user=15", "model.history_length=8"]
SWEEP = ["-m", *TINY, "hydra.sweep.dir=sweep"]


def _multirun(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "recframe", *SWEEP, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_one_whole_run_for_each_encoder(tmp_path: Path, recframe: Recframe) -> None:
    done = recframe(*SWEEP, "encoder=bow,cnn", "train.epochs=1", "export.parity_histories=50", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    for place, encoder in enumerate(("bow", "cnn")):
        run = tmp_path / "sweep" / str(place)
        metrics = json.loads((run / "metrics.json").read_text())
        assert metrics["test"]["recall@10"] > 0
        assert Bundle(run / "export").manifest["spec"]["encoder"]["type"] == encoder
        (head,) = [line for line in done.stderr.splitlines() if line.startswith(f"· run {place}: ")]
        assert f"encoder={encoder}" in head
        assert head.endswith(f"sweep/{place}")
        size = (run / "export" / "model.tflite").stat().st_size
        (row,) = [line.split() for line in done.stdout.splitlines() if line.startswith(f"encoder={encoder} ")]
        assert row[1:3] == [f"{metrics['test'][name]:.4f}" for name in ("recall@10", "ndcg@10")]
        assert row[4] == f"{size / 1000:,.1f}"
        assert row[-1] == f"sweep/{place}"


def test_a_job_that_fails_is_reported_and_the_next_one_still_starts(tmp_path: Path) -> None:
    done = _multirun("train.epochs=many,1.5", folder=tmp_path)
    assert done.returncode == 2, done.stderr
    for place, value in enumerate(("'many'", "1.5")):
        assert f"· run {place}: " in done.stderr
        assert f"recframe: train.epochs: expected an integer, got {value}" in done.stderr
        assert not (tmp_path / "sweep" / str(place)).exists()
    assert "Traceback" not in done.stderr


def test_an_unknown_name_is_found_before_any_job_runs(tmp_path: Path) -> None:
    done = _multirun("encoder=bow,cnnn", folder=tmp_path)
    assert done.returncode == 2
    assert "no encoder 'cnnn'; did you mean 'cnn'?" in done.stderr
    assert not list(tmp_path.rglob("metrics.json"))
