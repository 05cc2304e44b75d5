"""A long export says how far it is."""

from __future__ import annotations

from pathlib import Path

import pytest

import recframe
from recframe.process import pace

TINY = ["dataset.users=60", "dataset.items=40", "dataset.events_per_user=12", "model.history_length=6", "model.width=8"]
TINY += ["train.epochs=0", "evaluation.baselines=[]", "export.parity_histories=20"]


def test_asking_an_export_about_many_histories_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "FIRST", 0.0)
    monkeypatch.setattr(pace, "SHORT", -1.0)
    run, said = recframe.train(recframe.compose(TINY)), list[str]()
    run.write_bundle(tmp_path / "bundle", say=said.append)
    assert any("tflite/float32: asking the exported model about 60 histories: 2% after" in line for line in said), said
