"""The exporter as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recframe import commands as cli

SMOKE = ["+experiment=smoke", "export.parity_histories=20", "exporters=[tflite,{type:onnx,opset:18}]"]


@pytest.mark.slow
def test_a_run_exports_both_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main([*SMOKE, "hydra.run.dir=run"]) == 0
    bundle = tmp_path / "run" / "export"
    manifest = json.loads((bundle / "manifest.json").read_text())
    lite, onnx = manifest["models"]
    assert (onnx["name"], onnx["path"], onnx["opset"]) == ("onnx/float32", "model.onnx", 18)
    assert onnx["parity"]["overlap"] == lite["parity"]["overlap"] == 1
    assert manifest["files"]["model.onnx"]["bytes"] == onnx["parity"]["bytes"]
    assert "recframe-onnx 0.1.0" in manifest["plugins"]
    figures = json.loads((tmp_path / "run" / "metrics.json").read_text())["exports"]["onnx/float32"]
    assert figures.items() >= onnx["parity"].items()


@pytest.mark.slow
def test_the_contract_suite_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["check", "recframe-onnx"]) == 0
