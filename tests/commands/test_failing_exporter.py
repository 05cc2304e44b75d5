"""An exporter that fails after training costs neither the trained model nor the other exports."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import recframe
from recframe.commands.train_and_report import train_and_report
from recframe.errors import PluginError
from recframe.files.digests import file_sha256
from recframe.plugin import manager
from recframe.plugin.registry import Registries
from recframe.runs.resuming import place_of_stopped_run
from recframe.runtime import Bundle

pytestmark = pytest.mark.slow

TINY = ["dataset.users=60", "dataset.items=40", "dataset.events_per_user=12", "model.history_length=6", "model.width=8"]
TINY += [
    "encoder=bow",
    "train.epochs=2",
    "train.tensorboard=false",
    "evaluation.baselines=[]",
    "export.parity_histories=20",
]
WEIGHTS = "checkpoints/best.weights.h5"


def export(options: Any, context: recframe.ExportContext) -> Any:
    (context.folder / "bad").mkdir()
    (context.folder / "bad" / "half.bin").write_bytes(b"half")
    raise RuntimeError("disk gone")


@pytest.fixture
def registries() -> Iterator[Registries]:
    with manager.using([recframe.ExporterType("bad", summary="Fails.", export=export)]) as registries:
        yield registries


def run(registries: Registries, folder: Path, exporters: str, *more: str) -> float:
    spec = recframe.compose([*TINY, f"exporters=[{exporters}]", *more])
    find_stopped = functools.partial(place_of_stopped_run, folder, spec, registries, overwrite=folder.exists())
    return train_and_report(spec, registries, folder, find_stopped)


def digest_of(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): file_sha256(path) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("exporters", ["tflite,bad", "bad,tflite"])
def test_the_other_exports_are_kept(registries: Registries, tmp_path: Path, exporters: str) -> None:
    folder = tmp_path / "run"
    with pytest.raises(PluginError, match=r"exporter 'bad' of .*RuntimeError: disk gone \(.*test_failing") as raised:
        run(registries, folder, exporters)
    (note,) = raised.value.__notes__
    assert note == (
        f"the run is complete but for this export, and has tflite/float32; `recframe export {folder}` exports it again"
    )
    assert len(Bundle(folder / "export").recommend(history=[])) == 10
    assert not (folder / "export" / "bad").exists()
    assert "bad/half.bin" not in Bundle(folder / "export").manifest["files"]
    finished = recframe.load_run(folder)
    assert list(finished.metrics["exports"]) == ["tflite/float32"]
    assert (folder / "report.html").exists()


def test_without_another_export_the_trained_model_is_kept(registries: Registries, tmp_path: Path) -> None:
    with pytest.raises(PluginError, match="disk gone") as raised:
        run(registries, tmp_path / "run", "bad")
    assert "the best weights so far" in str(raised.value.__notes__)
    assert recframe.load_run(tmp_path / "run").metrics["test"]
    assert not (tmp_path / "run" / "export").exists()


def test_an_earlier_run_stays_and_the_new_one_waits_for_its_export(registries: Registries, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run(registries, folder, "tflite")
    before = digest_of(folder)
    with pytest.raises(PluginError, match="disk gone") as raised:
        run(registries, folder, "tflite,bad", "seed=2")
    assert raised.value.__notes__ == [
        "the new run is trained; it may be resumed with other exporters=[...] and export.KEY=VALUE",
        f"the earlier run in {folder} is unchanged",
        "the same command resumes the new run",
    ]
    assert digest_of(folder).items() >= before.items()
    trained = file_sha256(folder / ".run.recframe-part" / WEIGHTS)
    run(registries, folder, "tflite", "seed=2")
    assert file_sha256(folder / WEIGHTS) == trained != before[WEIGHTS]
    assert not (folder / ".run.recframe-part").exists()
    assert Bundle(folder / "export").manifest["seed"] == 2
