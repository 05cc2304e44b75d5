"""The wheels hold all they need, and work in an environment and a folder that know nothing of the checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
TINY = ["dataset=synthetic", "dataset.users=60", "dataset.items=40", "dataset.events_per_user=12", "train.epochs=1"]


def call(command: Sequence[str | Path], folder: Path) -> str:
    """Run a command in a folder, away from the checkout and its settings; give back what it prints."""
    hidden = ("PYTHONPATH", "PYTHONHOME", "RECFRAME_PLUGINS", "RECFRAME_STRICT_PLUGINS")
    env = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, f"{command} gave {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def build_wheel(project: Path, names: Sequence[str], folder: Path) -> Path:
    """Build sdist and wheel from a copy of the named files, so that no old build/ or egg-info takes part."""
    copy = folder / project.name
    for name in names:
        source, target = project / name, copy / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    call([sys.executable, "-m", "build", "--no-isolation", "--outdir", folder / "dist", copy], folder)
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    core = build_wheel(
        ROOT, ["pyproject.toml", "README.md", "LICENSE", "recframe", "conf"], tmp_path_factory.mktemp("core")
    )
    gru = build_wheel(
        ROOT / "plugins" / "recframe-gru",
        ["pyproject.toml", "README.md", "recframe_gru.py"],
        tmp_path_factory.mktemp("gru"),
    )
    return core, gru


@pytest.fixture(scope="module")
def clean(wheels: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts folder of an environment with both wheels, which borrows the dependencies of the running one.

    The borrowed folder stands on the path by a .pth file, which does not run the .pth files in it: recframe's own
    editable install stays out of sight.
    """
    env = tmp_path_factory.mktemp("env")
    call([sys.executable, "-m", "venv", "--without-pip", env], env)
    scripts = env / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index"]
    call([*pip, *wheels], env)
    packages = Path(call([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], env).strip())
    borrowed = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (packages / "borrowed.pth").write_text("\n".join(sorted(borrowed)), encoding="utf-8")
    return scripts


def find_gru(listing: str) -> dict[str, Any]:
    """The entry of `recframe plugins --json` for the installed plugin."""
    entries = [entry for entry in json.loads(listing) if entry["distribution"] == "recframe-gru"]
    assert len(entries) == 1, listing
    return entries[0]


def test_every_package_is_listed() -> None:
    code = {path.parent.relative_to(ROOT).parts for path in (ROOT / "recframe").rglob("*.py")}
    configs = {("recframe", *path.parent.relative_to(ROOT).parts) for path in (ROOT / "conf").rglob("*.yaml")}
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"]
    assert sorted(listed) == sorted(".".join(parts) for parts in code | configs)


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_its_configs(wheels: tuple[Path, Path]) -> None:
    names = set(zipfile.ZipFile(wheels[0]).namelist())
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "recframe").rglob("*.py")}
    configs = {f"recframe/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "conf").rglob("*.yaml")}
    assert names >= modules | configs | {"recframe/py.typed", "recframe/conf/__init__.py"}
    assert {name.split("/")[0] for name in names} == {"recframe", "recframe-0.1.0.dist-info"}


@pytest.mark.slow
def test_the_wheels_are_what_runs(clean: Path, tmp_path: Path) -> None:
    names = ["recframe", "recframe.conf", "recframe_gru"]
    code = "import importlib, sys; print(*(importlib.import_module(name).__file__ for name in sys.argv[1:]))"
    files = call([clean / "python", "-c", code, *names], tmp_path).split()
    assert all(Path(file).is_relative_to(clean.parent) for file in files), files


@pytest.mark.slow
def test_the_wheel_lists_the_installed_plugin(clean: Path, tmp_path: Path) -> None:
    entry = find_gru(call([clean / "recframe", "plugins", "--json"], tmp_path))
    assert entry["status"] == "ok"
    assert entry["version"] == "0.1.0"
    assert entry["contributions"] == {"encoder": ["gru"]}


@pytest.mark.slow
def test_the_wheel_trains_and_exports_with_the_plugin(clean: Path, tmp_path: Path) -> None:
    call([clean / "recframe", "encoder=gru", *TINY, "hydra.run.dir=run"], tmp_path)
    assert (tmp_path / "run" / "export" / "model.tflite").stat().st_size > 0


@pytest.mark.slow
def test_the_editable_install_works_from_another_folder(tmp_path: Path) -> None:
    entry = find_gru(call([sys.executable, "-m", "recframe", "plugins", "--json"], tmp_path))
    assert entry["status"] == "ok"
    assert entry["version"] == "0.1.0"
    call([sys.executable, "-m", "recframe", "encoder=gru", *TINY, "hydra.run.dir=run"], tmp_path)
    assert (tmp_path / "run" / "export" / "model.tflite").stat().st_size > 0
