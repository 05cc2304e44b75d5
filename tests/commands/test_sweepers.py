"""Sweepers and launchers that are installed beside Hydra: `pip install 'recframe[optuna,joblib]'`."""

from __future__ import annotations

import csv
import importlib.util
import json
import re
from pathlib import Path

import pytest
import yaml

from tests.commands.processes import run_process

SMOKE = ["-m", "+experiment=smoke", "hydra.sweep.dir=sweep", "export.parity_histories=20"]


def installed(name: str) -> bool:
    return importlib.util.find_spec("hydra_plugins") is not None and bool(
        importlib.util.find_spec(f"hydra_plugins.{name}")
    )


optuna = pytest.mark.skipif(not installed("hydra_optuna_sweeper"), reason="pip install 'recframe[optuna]'")
joblib = pytest.mark.skipif(not installed("hydra_joblib_launcher"), reason="pip install 'recframe[joblib]'")


@optuna
@pytest.mark.slow
@pytest.mark.parametrize("objective", ["ndcg@7", "mean_rank"])
def test_optuna_ends_with_the_best_trial(objective: str, tmp_path: Path) -> None:
    rates = "train.learning_rate=interval(0.0001,0.1)"
    small = ["encoder=bow", "exporters=[]", "evaluation.baselines=[]"]
    sweep = ["hydra/sweeper=optuna", "hydra.sweeper.n_trials=3", "hydra.sweeper.sampler.seed=1", rates]
    done = run_process(*SMOKE, *small, *sweep, f"evaluation.objective={objective}", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    values = [
        json.loads((tmp_path / "sweep" / str(number) / "metrics.json").read_text())["validation"][objective]
        for number in range(3)
    ]
    best = (min if objective == "mean_rank" else max)(values)
    assert yaml.safe_load((tmp_path / "sweep" / "optimization_results.yaml").read_text())["best_value"] == best
    last = done.stdout.splitlines()[-1]
    assert re.match(rf"best +run {values.index(best)}: train.learning_rate=0\.\d+, validation {objective} ", last), last


@optuna
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["train.learning_rate=interval(-1,0.1)"], "train.learning_rate: -1"),
        (["train.epochs=choice(1,2,many)", "seed=range(1,3)"], "train.epochs: expected an integer, got 'many'"),
        (["seed=1,2", "hydra.sweeper.direction=minimize"], "the best ndcg@10 is found with maximize"),
        (["seed=1,2", "hydra.sweeper.direction=[maximize,minimize]"], "a run returns evaluation.objective"),
    ],
)
def test_what_no_trial_could_be_is_told_before_the_first(words: list[str], told: str, tmp_path: Path) -> None:
    done = run_process(*SMOKE, "hydra/sweeper=optuna", *words, folder=tmp_path)
    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert "run 0" not in done.stderr
    assert "Traceback" not in done.stderr


@joblib
@pytest.mark.slow
def test_jobs_in_other_processes_are_compared_as_those_of_this_one(tmp_path: Path) -> None:
    words = [*SMOKE, "encoder=bow,cnn"]
    others = run_process(*words, "hydra/launcher=joblib", "hydra.launcher.n_jobs=2", folder=tmp_path)
    assert others.returncode == 0, others.stderr
    table = tmp_path / "sweep" / "comparison.csv"
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert [row["overrides"].split()[-1] for row in rows[:2]] == ["encoder=bow", "encoder=cnn"]
    assert [row["overrides"] for row in rows[2:]] == ["popularity", "recent popularity", "markov", "cooccurrence"]
    for row in rows[:2]:
        metrics = json.loads((tmp_path / row["folder"] / "metrics.json").read_text())
        assert float(row["validation"]) == metrics["validation"]["ndcg@10"]
        assert float(row["recall@10"]) == metrics["test"]["recall@10"]
    here = run_process(*words, "overwrite=true", folder=tmp_path)
    assert here.returncode == 0, here.stderr
    again = csv.DictReader(table.read_text().splitlines())
    assert [{**row, "overrides": ""} for row in again] == [{**row, "overrides": ""} for row in rows]


def test_a_plugin_of_hydra_that_is_missing_has_its_command(tmp_path: Path) -> None:
    if installed("hydra_optuna_sweeper"):
        pytest.skip("it is installed")
    done = run_process("-m", "hydra/sweeper=optuna", folder=tmp_path)
    assert done.returncode == 2
    assert "pip install 'recframe[optuna]' brings it" in done.stderr
