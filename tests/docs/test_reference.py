"""docs/configuration.md is what docs/reference.py would write, and it lists every built-in."""

from __future__ import annotations

import sys
from pathlib import Path

from recframe.plugin import manager
from recframe.plugin.registry import KINDS
from tests.docs.example_runs import run
from tests.docs.pages import ROOT


def test_the_reference_is_up_to_date(tmp_path: Path) -> None:
    run([sys.executable, ROOT / "docs" / "reference.py", "--check"], tmp_path)


def test_the_reference_names_every_built_in() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    registries = manager.load(allowed="").registries
    for kind in KINDS:
        if kind == "command":  # a command is no part of a configuration
            continue
        assert registries.of(kind).names()
        for name in registries.of(kind).names():
            assert f"\n### {kind}/{name}\n" in text
