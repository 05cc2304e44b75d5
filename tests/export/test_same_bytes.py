"""The same run gives the same bundle, byte for byte, whatever the process has done before."""

from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf

import recframe
from recframe import load_run, train

SMALL = ["dataset.users=80", "dataset.items=120", "dataset.events_per_user=15", "model.history_length=8"]
QUICK = ["train.epochs=0", "evaluation.baselines=[popularity]", "export.max_recall_drop=1"]


@pytest.mark.parametrize("encoder", [["encoder=cnn"], ["encoder=lstm"], ["encoder=lstm", "encoder.residual=true"]])
def test_the_same_run_gives_the_same_bytes(encoder: list[str], tmp_path: Path) -> None:
    chosen = ["exporters=[tflite,saved_model,android]", "export.variants=[float32,float16,int8,int4]"]
    spec = recframe.compose([*SMALL, *QUICK, *chosen, *encoder])
    first = train(spec, tmp_path / "run").export()
    again = load_run(tmp_path / "run").export(tmp_path / "again")
    files = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
    assert Path("saved_model/saved_model.pb") in files
    differing = [str(file) for file in files if (first / file).read_bytes() != (again / file).read_bytes()]
    assert differing == []
    assert set(tf.saved_model.load(str(again / "saved_model")).signatures) == {"serving_default", "scores"}
