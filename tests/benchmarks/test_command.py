"""`python -m benchmarks` runs: one section as a rule, and every section where slow tests run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.command import SECTIONS
from benchmarks.results import update, write

ROOT = Path(__file__).resolve().parents[2]


def measured(folder: Path, *arguments: str) -> str:
    """What the command writes in its smallest form, without the peers."""
    results = folder / "RESULTS.md"
    command = [sys.executable, "-m", "benchmarks", "--small", "--repeats", "1", "--peers", "no-such-python"]
    environment = {name: value for name, value in os.environ.items() if name != "RECFRAME_TEST_DATA"}
    done = subprocess.run(
        [*command, "--results", str(results), *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    text = results.read_text(encoding="utf-8")
    assert text.split("\n## ", 1)[1].strip() in done.stdout
    return text


def test_the_smallest_form_writes_what_it_measured_on(tmp_path: Path) -> None:
    text = measured(tmp_path, "data")
    for fact in ("machine", "versions", "commit", "load average", "date", "command", "it took"):
        assert f"\n| {fact} | " in text
    assert "\n| 2,000 events | " in text


def test_a_section_takes_the_place_of_its_earlier_self_and_the_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "RESULTS.md"
    write(path, "| first |", ["## A\n\none\n", "## B\n\ntwo\n"])
    before = path.read_text(encoding="utf-8")
    update(path, "| second |", ["## B\n\nthree\n", "## C\n\nfour\n"])
    expected = before.replace("## B\n\ntwo\n", "## B\n\n| second |\n\nthree\n\n## C\n\n| second |\n\nfour\n")
    assert path.read_text(encoding="utf-8") == expected


@pytest.mark.slow
@pytest.mark.parametrize("section", sorted(set(SECTIONS) - {"data"}))
def test_every_section_runs(section: str, tmp_path: Path) -> None:
    text = measured(tmp_path, section)
    rows = [line for line in text.split("\n## ", 1)[1].splitlines() if line.startswith("| ")][2:]
    assert rows
    assert all(line.count(" | ") >= 5 for line in rows)


def test_an_unknown_section_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "sofmax"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "no such section: sofmax; there are startup," in done.stderr
