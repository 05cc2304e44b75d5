"""The wheels hold all they need, and work in an environment and a folder that know nothing of the checkout."""

from __future__ import annotations

import email
import json
import sys
import zipfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from tests.environments import ROOT, borrowing_environment, build_wheel, call, core_wheel, make_environment, run
from tests.runtime.bundles import export

TINY = ["dataset=synthetic", "dataset.users=60", "dataset.items=40", "dataset.events_per_user=12", "train.epochs=1"]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    core = core_wheel(tmp_path_factory.mktemp("core"))
    gru = build_wheel(
        ROOT / "plugins" / "recframe-gru",
        ["pyproject.toml", "README.md", "recframe_gru.py"],
        tmp_path_factory.mktemp("gru"),
    )
    return core, gru


@pytest.fixture(scope="module")
def clean(wheels: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts folder of an environment with both wheels."""
    return borrowing_environment(tmp_path_factory.mktemp("env"), wheels)


@pytest.fixture(scope="module")
def runtime_alone(wheels: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts folder of an environment with the wheel and what `recframe[runtime]` asks for, to the last package.

    Each is linked from the running environment, with what it asks for in turn: all else is absent.
    """
    scripts, packages = make_environment(tmp_path_factory.mktemp("alone"), wheels[:1])
    names, waiting = set[str](), wanted_by(wheels[0], "runtime")
    while waiting:
        name = waiting.pop()
        if name not in names:
            names.add(name)
            waiting += required(metadata.requires(name) or ())
    for name in names:
        distribution = metadata.distribution(name)
        for top in {file.parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}:
            if not (packages / top).exists():
                (packages / top).symlink_to(Path(str(distribution.locate_file(top))).resolve())
    return scripts


def wanted_by(wheel: Path, extra: str = "") -> list[str]:
    """The distributions that a wheel asks for, with an extra."""
    (name,) = (name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".dist-info/METADATA"))
    message = email.message_from_bytes(zipfile.ZipFile(wheel).read(name))
    return required(message.get_all("Requires-Dist") or [], extra)


def required(lines: Iterable[str], extra: str = "") -> list[str]:
    """The names of the requirements that hold here."""
    requirements = [Requirement(line) for line in lines]
    return [one.name for one in requirements if one.marker is None or one.marker.evaluate({"extra": extra})]


def find_gru(listing: str) -> dict[str, Any]:
    """The entry of `recframe plugins --json` for the installed plugin."""
    entries = [entry for entry in json.loads(listing) if entry["distribution"] == "recframe-gru"]
    assert len(entries) == 1, listing
    return entries[0]


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_its_configs(wheels: tuple[Path, Path]) -> None:
    names = set(zipfile.ZipFile(wheels[0]).namelist())
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "recframe").rglob("*.py")}
    configs = {f"recframe/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "conf").rglob("*.yaml")}
    assert names >= modules | configs | {
        "recframe/py.typed",
        "recframe/conf/__init__.py",
        "recframe/runtime/manifest.schema.json",
    }
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
    # The wheel's test trains; here it is the places of the files.
    call([sys.executable, "-m", "recframe", "encoder=gru", *TINY, "train.epochs=0", "hydra.run.dir=run"], tmp_path)
    assert (tmp_path / "run" / "export" / "model.tflite").stat().st_size > 0


TRAINING_ALONE = [
    "attrs",
    "cattrs",
    "flatbuffers",
    "hydra-core",
    "keras",
    "pluggy",
    "polars",
    "protobuf",
    "pyyaml",
    "rich",
    "tensorflow",
    "threadpoolctl",
]


@pytest.mark.slow
def test_the_extras_are_numpy_an_interpreter_and_all_the_rest(wheels: tuple[Path, Path]) -> None:
    assert wanted_by(wheels[0]) == ["numpy"]
    assert sorted(wanted_by(wheels[0], "runtime")) == ["ai-edge-litert", "numpy"]
    assert sorted(wanted_by(wheels[0], "train")) == sorted(["ai-edge-litert", "numpy", *TRAINING_ALONE])


@pytest.mark.slow
def test_the_runtime_works_where_nothing_else_is_installed(runtime_alone: Path, tmp_path: Path) -> None:
    bundle = export(tmp_path / "export")
    code = """
import importlib.util, sys
found = [name for name in sys.argv[2:] if importlib.util.find_spec(name)]
assert not found, found
from recframe.runtime import Bundle
bundle = Bundle(sys.argv[1])
first, *_ = bundle.recommend([1, 2], k=20, exclude=[3])
assert bundle.recommend_batch([[1, 2]], exclude=[[3]])[0][0].id == first.id
import recframe
assert recframe.__version__ == "0.1.0"
for use in (lambda: recframe.EncoderType, lambda: recframe.compose(), lambda: recframe.train(None)):
    try:
        use()
    except ImportError as error:
        assert str(error).endswith("which is not installed: pip install 'recframe[train]'"), error
    else:
        sys.exit("no ImportError")
print(first.id)
"""
    absent = "attr attrs cattrs hydra keras omegaconf pluggy polars rich tensorflow yaml".split()
    first = call([runtime_alone / "python", "-c", code, bundle, *absent], tmp_path).strip()
    asked = [runtime_alone / "recframe", "recommend", bundle, "--history", "1", "2", "--k", "20", "--exclude", "3"]
    assert f" 1   {first}  " in call(asked, tmp_path)
    assert "tflite/float32" in call([runtime_alone / "recframe", "check-bundle", bundle], tmp_path)
    assert call([runtime_alone / "recframe", "--version"], tmp_path) == "recframe 0.1.0\n"


@pytest.mark.slow
@pytest.mark.parametrize("command", [["plugins"], ["encoder=cnn"], ["plan"], ["describe", "encoder/cnn"]])
def test_what_needs_more_says_what_to_install(runtime_alone: Path, tmp_path: Path, command: list[str]) -> None:
    done = run([runtime_alone / "recframe", *command], tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("recframe: this needs ")
    assert line.endswith(", which is not installed: pip install 'recframe[train]'")


@pytest.mark.slow
def test_a_broken_bundle_is_told_in_one_line_where_nothing_else_is_installed(
    runtime_alone: Path, tmp_path: Path
) -> None:
    done = run([runtime_alone / "recframe", "check-bundle", tmp_path], tmp_path)
    assert done.returncode == 2
    assert done.stderr == f"recframe: {tmp_path}: no bundle here (manifest.json is missing)\n"
