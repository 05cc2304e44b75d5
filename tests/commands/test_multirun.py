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
        (row,) = [line.split() for line in done.stdout.splitlines() if f" encoder={encoder} " in line]
        assert row[0] == str(place)
        assert row[2] == f"{metrics['validation']['ndcg@10']:.4f}"
        assert row[3:5] == [f"{metrics['test'][name]:.4f}" for name in ("recall@10", "ndcg@10")]
        assert row[6] == f"{size / 1000:,.1f}"
    assert {"popularity", "markov"} <= {line.split()[0] for line in done.stdout.splitlines() if line.strip()}
    assert (tmp_path / "sweep" / "comparison.csv").is_file()


@pytest.mark.slow
def test_a_run_that_lacks_an_export_is_in_the_table(tmp_path: Path, recframe: Recframe) -> None:
    sizes = ["exporters=[tflite,saved_model]", "export.max_size_kb=1,1000"]
    done = recframe(*SWEEP, "encoder=bow", "train.epochs=1", "evaluation.baselines=[]", *sizes, folder=tmp_path)
    assert done.returncode == 2
    assert "exports it again" in done.stderr
    rows = (tmp_path / "sweep" / "comparison.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == ["0", "1"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["train.epochs=1,many"], ["train.epochs: expected an integer, got 'many'"]),
        (["train.epochs=1,many,1.5", "seed=1,-1"], ["got 'many'", "got 1.5", "seed: -1 is not allowed"]),
        (["encoder=cnn,bow", "encoder.kernel_size=3"], ["encoder 'bow' has no option 'kernel_size'"]),
        (["dataset=synthetic,movielens", "dataset.users=50"], ["dataset 'movielens' has no option 'users'"]),
        (["dataset=movielens", "dataset.path=nowhere,here"], ["no folder nowhere", "no folder here"]),
        (["overwrite=true,maybe"], ["overwrite: 'maybe' is not allowed"]),
        (["--config-dir=own", "+experiment=rates"], ["got 'many'"]),
    ],
)
def test_wrong_values_of_a_later_job_are_told_before_the_first_trains(
    words: list[str], told: list[str], tmp_path: Path
) -> None:
    (tmp_path / "own/experiment").mkdir(parents=True)
    rates = "# @package _global_\nhydra: {sweeper: {params: {train.epochs: '1,many'}}}\n"
    (tmp_path / "own/experiment/rates.yaml").write_text(rates)
    command = [sys.executable, "-m", "recframe", "-m", "hydra.sweep.dir=sweep", *words]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    for text in told:
        assert done.stderr.count(text) == 1, done.stderr
    assert "run 0" not in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "sweep").exists()


def test_an_unknown_name_is_found_before_any_job_runs(tmp_path: Path) -> None:
    done = _multirun("encoder=bow,cnnn", folder=tmp_path)
    assert done.returncode == 2
    assert "no encoder 'cnnn'; did you mean 'cnn'?" in done.stderr
    assert not list(tmp_path.rglob("metrics.json"))
