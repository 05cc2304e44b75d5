"""recframe's configs inside another Hydra application, and beside it in threads."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import hydra
import pytest
from hydra.core.global_hydra import GlobalHydra
from hydra.version import VersionBase
from omegaconf import OmegaConf

import recframe

APP_CONFIG = """\
defaults:
  - dataset@recommender.dataset: synthetic
  - encoder@recommender.encoder: lstm
  - loss@recommender.loss: softmax
  - split@recommender.split: temporal
  - recframe@recommender
  - _self_
database: postgres
recommender: {train: {epochs: 2}}
hydra:
  searchpath: [pkg://recframe.conf]
  run: {dir: out}
"""
APP = """\
import hydra
@hydra.main(version_base="1.3", config_path="conf", config_name="app")
def main(config):
    import recframe
    spec = recframe.to_spec(config.recommender)
    composed = recframe.compose(["encoder=bow"])
    print(config.database, spec.encoder.type, spec.split.type, spec.train.epochs, composed.encoder.type)
main()
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/app.yaml").write_text(APP_CONFIG)
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


def test_an_application_needs_no_call_before_hydra_composes(app: Path) -> None:
    words = ["encoder@recommender.encoder=cnn", "recommender.encoder.kernel_size=3"]
    for overrides, encoder in (([], "lstm"), (words, "cnn")):
        done = subprocess.run(
            [sys.executable, "app.py", *overrides], cwd=app, capture_output=True, text=True, check=False
        )
        assert done.stdout == f"postgres {encoder} temporal 2 bow\n", done.stderr


def test_a_key_that_is_not_recframes_is_refused() -> None:
    with pytest.raises(recframe.SpecError, match="databse"):
        recframe.to_spec(OmegaConf.create({"databse": "postgres"}))
    assert recframe.to_spec(OmegaConf.create({"seed": 5, "hydra": {"job": {}}})).seed == 5


def test_threads_compose_beside_an_application_that_does(app: Path) -> None:
    wrong: list[object] = []

    def compose(encoder: str, epochs: int) -> None:
        for _ in range(3):
            spec = recframe.compose([f"encoder={encoder}", f"train.epochs={epochs}"])
            if (spec.encoder.type, spec.train.epochs) != (encoder, epochs):
                wrong.append(spec)

    base = VersionBase.instance().version_base
    try:
        with hydra.initialize_config_dir(str(app / "conf"), version_base="1.2"):
            callers, version = GlobalHydra.instance().hydra, VersionBase.instance().version_base
            threads = [
                threading.Thread(target=compose, args=(name, n)) for n, name in enumerate(("bow", "cnn", "lstm"))
            ]
            for thread in threads:
                thread.start()
            while any(thread.is_alive() for thread in threads):
                if hydra.compose("app").database != "postgres":
                    wrong.append("the application's")
            assert GlobalHydra.instance().hydra is callers
            assert VersionBase.instance().version_base == version
    finally:
        VersionBase.instance().version_base = base
    assert wrong == []
