"""The law of the house can fail: an import of each forbidden kind, planted in a copy, is refused."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

PLANTED = {
    "up": ("data/planted.py", "from recframe.training.loop import Trainer", "1. Imports point down"),
    "up, for types alone": (
        "spec/planted.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from recframe.plugin.registry import Registries",
        "1. Imports point down",
    ),
    "within a function": (
        "evaluation/planted.py",
        "def late():\n    from recframe.runs.run import Run\n    return Run",
        "1. Imports point down",
    ),
    "up, within export": (
        "export/graph/planted.py",
        "from recframe.export.checks.parity import compare",
        "1. Imports point down within export",
    ),
    "a room without a place": ("attic/__init__.py", "", "1. Imports point down"),
    "builtin, from a command": (
        "commands/planted.py",
        "from recframe.builtin.encoders.bow import build",
        "2. Nothing imports builtin",
    ),
    "deeper, from builtin": (
        "builtin/encoders/planted.py",
        "from recframe.plugin.types import EncoderType",
        "3. builtin imports recframe and recframe.export",
    ),
    "attrs, from the runtime": ("runtime/planted.py", "import attrs", "4. The runtime needs"),
}


def broken(folder: Path) -> set[str]:
    """The contracts that import-linter finds broken in a copy of the package."""
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)
    verdicts = re.findall(r"^(\d\. .*?) (KEPT|BROKEN)", done.stdout, re.MULTILINE)
    assert len(verdicts) == 5, done.stdout + done.stderr
    assert done.returncode == any(verdict == "BROKEN" for _, verdict in verdicts)
    return {name for name, verdict in verdicts if verdict == "BROKEN"}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("importlinter", reason="import-linter is not installed")
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "recframe", folder / "recframe", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_the_house_keeps_the_law(copied: Path) -> None:
    assert broken(copied) == set()


@pytest.mark.slow
@pytest.mark.parametrize(("place", "code", "contract"), PLANTED.values(), ids=PLANTED)
def test_a_planted_import_is_refused(copied: Path, place: str, code: str, contract: str) -> None:
    path = copied / "recframe" / place
    made = not path.parent.exists()
    path.parent.mkdir(exist_ok=True)
    path.write_text(code + "\n", encoding="utf-8")
    try:
        assert {name for name in broken(copied) if name.startswith(contract)}
    finally:
        path.unlink()
        if made:
            path.parent.rmdir()


def test_the_package_names_no_distribution_of_plugins() -> None:
    """The core knows none of them: what they add, they bring by hooks."""
    names = [path.name for path in (ROOT / "plugins").iterdir() if (path / "pyproject.toml").exists()]
    assert names
    words = re.compile("|".join(re.escape(form) for name in names for form in (name, name.replace("-", "_"))))
    for path in (ROOT / "recframe").rglob("*.py"):
        assert not words.search(path.read_text(encoding="utf-8")), path


def _deeper(path: Path) -> list[str]:
    """The modules of recframe that a file imports beyond its public ones."""
    modules = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            modules.append(node.module)
        elif isinstance(node, ast.Import):
            modules += [name.name for name in node.names]
    return [name for name in modules if name.startswith("recframe.") and name != "recframe.export"]


def test_first_party_plugins_import_what_anyone_may(tmp_path: Path) -> None:
    tests = {"tests", "build"}
    files = [path for path in (ROOT / "plugins").rglob("*.py") if not tests & set(path.relative_to(ROOT).parts)]
    assert files
    assert {str(path): _deeper(path) for path in files if _deeper(path)} == {}
    planted = tmp_path / "planted.py"
    planted.write_text("def late():\n    from recframe.plugin.types import EncoderType\n", encoding="utf-8")
    assert _deeper(planted) == ["recframe.plugin.types"]
