"""metrics.json and the manifest say how many events have equal times, and what orders them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import recframe
from recframe.builtin.datasets.tabular import from_table


@pytest.mark.slow
def test_metrics_and_manifest_tell_the_order_of_equal_times(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    times = (1, 1, 2, 2, 3, 4)
    rows = [(user, item, time) for user in range(30) for item, time in zip(rng.permutation(20)[:6], times, strict=True)]
    frame = pl.DataFrame(rows, ["user", "item", "timestamp"], orient="row").sort("item", "user")
    spec = recframe.compose(["train.epochs=0", "model.history_length=4", "model.width=8", "exporters=[tflite]"])
    run = recframe.train(spec, folder=tmp_path / "run", data=from_table(frame, seed=5))
    bundle = run.export()
    expected = {"rule": "hash", "seed": 5, "equal_neighbours": 2 / 5, "equal_test_targets": 0.0}
    metrics = json.loads((tmp_path / "run/metrics.json").read_text())
    assert metrics["order"] == expected
    assert json.loads((bundle / "manifest.json").read_text())["order"] == expected
    note = "equal times: 60 of 150 (40.0%) pairs of consecutive events of a user have the same time, and 0 of 30 (0.0%)"
    assert any(line.startswith(note) and line.endswith("a random order with seed 5") for line in metrics["notes"])
