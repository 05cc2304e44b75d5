"""The plugins of the documentation pass a strict type checker, with the recframe that is installed here as editable."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import TUTORIALS, blocks_of


@pytest.mark.slow
def test_the_plugins_of_the_pages_are_typed(tmp_path: Path) -> None:
    modules = {
        block.file: block.text
        for page in TUTORIALS
        for block in blocks_of(page)
        if block.file and block.file.endswith(".py") and "/" not in block.file
    }
    assert len(modules) >= 5  # one of each kind
    for name, text in modules.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    # In a folder without pyproject.toml, so that no setting of ours makes it easier.
    command = [sys.executable, "-m", "mypy", "--strict", "--ignore-missing-imports", *modules]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
