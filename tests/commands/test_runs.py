"""The main job through the command line, on realistic data.

`run_folder` and one mistake run in their own processes; the rest runs in this process.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from recframe.spec.experiment import VARIANTS
from tests.builtin.datasets.movielens_folder import write_movielens

Recframe = Callable[..., subprocess.CompletedProcess[str]]

TINY = [
    "dataset.users=80",
    "dataset.items=60",
    "dataset.events_per_user=15",
    "model.history_length=8",
    "train.epochs=2",
]


def _process(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    return subprocess.run(
        [sys.executable, "-m", "recframe", *arguments],
        cwd=folder,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    done = _process(*TINY, "hydra.run.dir=run", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "popularity" in done.stdout
    # Nothing but our own lines: no remarks of TensorFlow, XLA or LiteRT.
    assert all(line.startswith("·") for line in done.stderr.splitlines()), done.stderr
    return folder / "run"


def test_the_plan_prints_the_sizes_of_the_files(run_folder: Path, recframe: Recframe) -> None:
    def planned(*more: str) -> list[str]:
        lines = recframe("plan", *TINY, *more, folder=run_folder.parent).stdout.splitlines()
        return [line for line in lines if line.startswith("file ")]

    exported = (run_folder / "export/model.tflite").stat().st_size
    assert planned() == [f"file    float32 {exported / 1000:,.0f} KB"]
    all_four = planned("export.max_size_kb=20")
    assert [line.split()[1] for line in all_four] == list(VARIANTS)
    assert planned(f"export.variants=[{','.join(VARIANTS)}]") == all_four
    assert planned("exporters=[saved_model]") == []


def test_a_run_folder_has_the_files_of_the_contract(run_folder: Path) -> None:
    names = {path.name for path in run_folder.iterdir()}
    assert names == {"config.yaml", "vocab", "metrics.json", "checkpoints", "tensorboard", "report.html", "export"}
    metrics = json.loads((run_folder / "metrics.json").read_text())
    assert set(metrics) >= {"counts", "baselines", "validation", "test", "exports", "timings"}
    assert metrics["exports"]["tflite/float32"]["overlap"] > 0.999
    assert {"recall@10", "ndcg@10", "mrr@10", "coverage@10", "mean_rank", "with_seen"} <= set(metrics["test"])
    assert {"precision@10", "map@10", "hit_rate@10", "novelty@10", "diversity@10"} <= set(metrics["test"])
    assert set(metrics["baselines"]) == {"popularity", "recent_popularity", "markov", "cooccurrence"}
    low, high = metrics["test"]["intervals"]["recall@10"]
    assert low <= metrics["test"]["recall@10"] <= high
    users = metrics["test"]["segments"]["user"]
    assert sum(part["targets"] for part in users.values()) == metrics["counts"]["test"]
    assert metrics["timings"]["train_examples_per_s"] > 0


def test_the_report_is_one_well_formed_page_without_links(run_folder: Path) -> None:
    page = (run_folder / "report.html").read_text()
    HTMLParser().feed(page)
    assert "recall@10" in page
    assert "±" in page
    assert "item popularity: head" in page
    assert "http" not in page.replace("http-equiv", "")
    assert "<script" not in page


def test_evaluate_and_export_work_from_the_folder_alone(run_folder: Path, recframe: Recframe) -> None:
    before = json.loads((run_folder / "metrics.json").read_text())
    assert recframe("evaluate", "run", folder=run_folder.parent).returncode == 0
    after = json.loads((run_folder / "metrics.json").read_text())
    assert after["test"] == before["test"]
    done = recframe("export", "run", "export.golden_exmaples=3", folder=run_folder.parent)
    assert done.returncode == 2
    assert "export.golden_exmaples: unknown key; did you mean 'golden_examples'?" in done.stderr
    changes = ["exporters=[tflite,saved_model]", "export.golden_examples=3"]
    done = recframe("export", "run", *changes, folder=run_folder.parent)
    assert done.returncode == 0, done.stderr
    assert len(json.loads((run_folder / "export" / "golden.json").read_text())) == 3
    assert (run_folder / "export" / "saved_model" / "saved_model.pb").exists()


def test_two_runs_are_compared_on_the_same_targets(run_folder: Path, recframe: Recframe) -> None:
    folder = run_folder.parent
    other = ["train.epochs=0", "exporters=[]", "evaluation.baselines=[]", "hydra.run.dir=other"]
    trained = recframe(*TINY, *other, folder=folder)
    assert trained.returncode == 0, trained.stderr
    done = recframe("evaluate", "run", "other", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "80 test targets of 80 users" in done.stdout
    ndcg = json.loads(recframe("evaluate", "run", "other", "--json", folder=folder).stdout)["metrics"]["ndcg@10"]
    means = [json.loads((folder / name / "metrics.json").read_text())["test"]["ndcg@10"] for name in ("run", "other")]
    assert [ndcg["a"], ndcg["b"]] == pytest.approx(means)
    assert ndcg["difference"] == pytest.approx(means[1] - means[0])
    assert ndcg["low"] <= ndcg["difference"] <= ndcg["high"]
    assert 0 < ndcg["p"] <= 1


@pytest.mark.parametrize(
    ("change", "words"),
    [("seed: 1", "their events differ"), ("type: leave_one_out", "their splits differ")],
    ids=["another seed", "another split"],
)
def test_runs_with_different_targets_are_not_compared(
    change: str, words: str, run_folder: Path, tmp_path: Path, recframe: Recframe
) -> None:
    shutil.copytree(run_folder / "checkpoints", tmp_path / "changed" / "checkpoints")
    config = (run_folder / "config.yaml").read_text()
    assert change in config
    changed = config.replace(change, {"seed: 1": "seed: 2", "type: leave_one_out": "type: temporal"}[change])
    (tmp_path / "changed" / "config.yaml").write_text(changed)
    # As if it had been trained on that data.
    state_file = tmp_path / "changed" / "checkpoints" / "state.json"
    state = json.loads(state_file.read_text())
    del state["data_sha256"], state["sha256"]
    digest = hashlib.sha256(json.dumps(state, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())
    state_file.write_text(json.dumps({**state, "sha256": digest.hexdigest()}))
    done = recframe("evaluate", str(run_folder), "changed", folder=tmp_path)
    assert done.returncode == 2, done.stderr
    assert words in done.stderr


def train_on_movielens(recframe: Recframe, data: str, *overrides: str, folder: Path) -> dict[str, Any]:
    """A run on a MovieLens folder; returns its metrics."""
    arguments = ["dataset=movielens", f"dataset.path={data}", "hydra.run.dir=run", *overrides]
    done = recframe(*arguments, folder=folder)
    assert done.returncode == 0, done.stderr
    metrics: dict[str, Any] = json.loads((folder / "run/metrics.json").read_text())
    return metrics


@pytest.mark.slow
@pytest.mark.parametrize("encoder", ["bow", "cnn", "lstm"])
def test_a_movielens_folder_with_each_encoder(encoder: str, tmp_path: Path, recframe: Recframe) -> None:
    """On the generated folder; test_quality checks the quality."""
    write_movielens(tmp_path / "ml", layout="csv", users=60, items=50, seed=1)
    train_on_movielens(recframe, "ml", f"encoder={encoder}", "train.epochs=1", "evaluation.top_k=[5]", folder=tmp_path)
    title = next(iter(json.loads((tmp_path / "run/export/items.json").read_text()).values()))["title"]
    done = recframe("recommend", "run/export", "--history", title, "--k", "3", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert title in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["evaluate", "nowhere"], "no such folder"),
        (["evaluate", "."], "not a run folder"),
        (["recommend", ".", "--history", "1"], "no bundle here"),
    ],
    ids=["no folder", "no run", "no bundle"],
)
def test_a_mistake_gives_one_message_and_exit_code_2(
    arguments: list[str], words: str, tmp_path: Path, recframe: Recframe
) -> None:
    run = _process if words == "not a run folder" else recframe  # one exit code of a process
    done = run(*arguments, folder=tmp_path)
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.rglob("manifest.json"))
