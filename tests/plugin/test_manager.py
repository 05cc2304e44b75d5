"""Which installed plugins are loaded: by entry point, by RECFRAME_PLUGINS, and with no heavy import."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from types import SimpleNamespace
from typing import Any

import pytest

import recframe
from recframe.plugin import manager
from tests.plugin.contributions import Good


def installed(monkeypatch: pytest.MonkeyPatch, name: str, load: Any) -> None:
    point = SimpleNamespace(name="point", value="point", dist=SimpleNamespace(name=name, version="1.2"), load=load)
    monkeypatch.setattr(metadata, "entry_points", lambda group: [point])


def test_an_entry_point_that_cannot_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    def load() -> Any:
        raise ModuleNotFoundError("No module named 'torch'")

    installed(monkeypatch, "recframe-x", load)
    info = manager.load().infos[-1]
    assert (info.distribution, info.version, info.status) == ("recframe-x", "1.2", "failed")
    assert info.error == "ModuleNotFoundError: No module named 'torch'"


@pytest.mark.parametrize(
    ("allowed", "status"), [(None, "ok"), ("", "disabled"), ("Recframe_X", "ok"), ("other", "disabled")]
)
def test_the_allow_list_goes_by_distribution(monkeypatch: pytest.MonkeyPatch, allowed: str, status: str) -> None:
    installed(monkeypatch, "recframe-x", Good)
    infos = manager.load(allowed=allowed).infos
    assert next(info.status for info in infos if info.distribution == "recframe-x") == status
    assert all(info.status == "ok" for info in infos if info.distribution == "recframe")


def test_a_name_of_the_allow_list_that_is_not_installed_is_reported() -> None:
    info = manager.load(allowed="recframe-nowhere").infos[-1]
    assert info.status == "failed"
    assert "recframe-nowhere" in (info.error or "")


def test_the_environment_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, "recframe-fresh", Good)
    monkeypatch.setenv("RECFRAME_PLUGINS", "recframe-fresh")
    monkeypatch.setenv("RECFRAME_STRICT_PLUGINS", "1")
    manager._cached.cache_clear()
    try:
        assert recframe.load_plugins().encoders.source("mine") == "recframe-fresh 1.2"
        assert recframe.load_plugins() is recframe.load_plugins()
        monkeypatch.setenv("RECFRAME_PLUGINS", "")
        assert "mine" not in recframe.load_plugins().encoders
    finally:
        manager._cached.cache_clear()


def test_loading_imports_nothing_heavy() -> None:
    code = "import sys, recframe; recframe.load_plugins(); print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"tensorflow", "keras", "numpy", "polars", "hydra", "omegaconf"} & set(run.stdout.split())
