"""Plugins work from their wheels, in an environment that knows nothing of the checkout: those that `recframe new`
writes, and recframe's own."""

from __future__ import annotations

import shutil
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from recframe.plugin.new_distribution import KINDS, new_plugin
from tests.environments import ROOT, borrowing_environment, build_wheel, call, core_wheel

GENERATED = ("build", "vendor", "node_modules", "tests")


def plugin_wheel(project: Path, folder: Path) -> Path:
    names = [path.name for path in project.iterdir() if path.name not in GENERATED and path.suffix != ".egg-info"]
    return build_wheel(project, names, folder)


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return core_wheel(tmp_path_factory.mktemp("core"))


@pytest.mark.slow
def test_new_plugins_install_and_pass_at_once(core: Path, tmp_path: Path) -> None:
    env, folder = tmp_path / "env", tmp_path / "work"
    env.mkdir()
    folder.mkdir()
    scripts = borrowing_environment(env, [core])
    for kind in KINDS:
        call([scripts / "recframe", "new", kind, f"tiny-{kind}"], folder)
    pip = [sys.executable, "-m", "pip", "--python", scripts / "python", "install", "--quiet", "--no-index"]
    call([*pip, "--no-deps", "--no-build-isolation", *(f"./recframe-tiny-{kind}" for kind in KINDS)], folder)
    for kind in KINDS:
        output = call([scripts / "recframe", "check", f"recframe-tiny-{kind}"], folder)
        assert output.endswith("\n1 contribution: 1 passed\n"), output
        project = folder / f"recframe-tiny-{kind}"
        call([scripts / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider"], project)
        # recframe's types are those of its wheel; they are read for the first project.
        mypy = [sys.executable, "-m", "mypy", "--cache-dir", folder / "mypy", "--python-executable"]
        call([*mypy, scripts / "python", "."], project)
        call([sys.executable, "-m", "ruff", "check", "."], project)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["recframe-attention", "recframe-gru", "recframe-lru", "recframe-onnx", "recframe-web"]
)
def test_our_plugins_pass_from_their_wheels(name: str, core: Path, tmp_path: Path) -> None:
    if name == "recframe-web" and shutil.which("npm") is None:
        pytest.skip("its wheel holds LiteRT.js, and there is no npm")
    env = tmp_path / "env"
    env.mkdir()
    scripts = borrowing_environment(env, [core, plugin_wheel(ROOT / "plugins" / name, tmp_path)])
    output = call([scripts / "recframe", "check", name], tmp_path)
    assert "failed" not in output, output
    assert "passed" in output, output


def test_a_new_plugin_wants_the_recframe_that_wrote_it(tmp_path: Path) -> None:
    pyproject = tomllib.loads((new_plugin("loss", "tiny", tmp_path) / "pyproject.toml").read_text(encoding="utf-8"))
    (wanted,) = (Requirement(line) for line in pyproject["project"]["dependencies"])
    own = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert wanted.specifier.contains(own)
