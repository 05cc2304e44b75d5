"""The table of a sweep fits a terminal, and comparison.csv has what it leaves out."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from recframe.reporting.sweep_records import SweepJob
from recframe.reporting.sweep_table import print_sweep, shortened

FIGURES = {"recall@10": 0.1234, "ndcg@10": 0.0678, "mean_rank": 1234.5}


def job(number: int, *overrides: str) -> SweepJob:
    metrics = {
        "validation": FIGURES,
        "test": FIGURES,
        "baselines": {"recent_popularity": FIGURES},
        "exports": {"tflite/float32": {"bytes": 123_456, "p50_us": 1234.0, "chosen": True}},
    }
    return SweepJob(number, overrides, Path(f"sweep/{number}"), "ndcg@10", metrics)


def test_long_numbers_fit_into_eighty_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [job(number, f"train.learning_rate=0.0{number}23456789012345") for number in range(1, 4)]
    monkeypatch.setattr("recframe.reporting.sweep_table.finished_jobs", lambda sweep, command: jobs)
    monkeypatch.chdir(tmp_path)
    Path("sweep").mkdir()
    text = io.StringIO()
    print_sweep(Path("sweep"), "", Console(file=text, width=80))
    lines = text.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    shown = re.findall(r"0\.0\d235(?!\d)", text.getvalue())
    assert shown == ["0.01235", "0.02235", "0.03235", "0.01235"]  # the last is the best
    assert "train.learning_rate=0.0123456789012345," in Path("sweep/comparison.csv").read_text()


@pytest.mark.parametrize(
    ("override", "shown"),
    [
        ("a=0.1", "a=0.1"),
        ("a=1234.567891", "a=1235"),
        ("a=1.2345678901234567e-07", "a=1.235e-07"),
        ("a=[0.123456789,0.5]", "a=[0.1235,0.5]"),
        ("dataset.path=data/v1.123456/x.csv", "dataset.path=data/v1.123456/x.csv"),
        ("a=1.2.345678", "a=1.2.345678"),
        ("~groups", "~groups"),
    ],
)
def test_only_long_fractions_are_shortened(override: str, shown: str) -> None:
    assert shortened(override) == shown
