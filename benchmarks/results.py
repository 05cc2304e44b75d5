"""RESULTS.md: what was measured, and on what."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.machine import processor
from benchmarks.scale import Scale

LIBRARIES = ("recframe", "tensorflow", "keras", "numpy", "polars")
ABOUT = """\
# Results

Written by the command below, and never by hand. Times are medians of the repeats, and the spread is the difference of
the slowest and the fastest as a share of that. CPU is that of all threads; the clock also tells what else the machine
was doing. A row of more than 1.5 times its bound says what its time is spent on. A section that was measured
apart from the others says on what.
"""


def load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


def commit() -> str:
    """The commit that is measured, and whether the folder differs from it."""
    try:
        words = ["git", "describe", "--always", "--dirty", "--exclude=*"]
        result = subprocess.run(words, cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "not in a git repository"
    return result.stdout.strip()


def measured_on(scale: Scale, sections: Sequence[str], known: Mapping[str, str], seconds: float) -> str:
    """What the figures hang on, as a table."""
    libraries = []
    for name in LIBRARIES:
        try:
            libraries.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            libraries.append(f"{name} is not installed")
    facts = {
        "machine": processor(),
        "versions": f"Python {sys.version.split()[0]}, {', '.join(libraries)}",
        **known,
        "date": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}",
        "command": f"python -m benchmarks {' '.join(sections)} --repeats {scale.repeats}"
        + " --small" * scale.small
        + " --large" * scale.large,
        "it took": f"{seconds / 60:.1f} minutes",
    }
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in facts.items())])


def write(path: Path, about: str, tables: Sequence[str]) -> None:
    """Write the tables, below what they were measured on."""
    path.write_text("\n".join([ABOUT, f"{about}\n", *tables]), encoding="utf-8")


def update(path: Path, about: str, tables: Sequence[str]) -> None:
    """Put sections in the place of those of the same title, or behind all; each with what it was measured on."""
    head, *sections = path.read_text(encoding="utf-8").split("\n## ")
    by_title = {section.partition("\n")[0]: section.rstrip("\n") for section in sections}
    for table in tables:
        title, _, rest = table.removeprefix("## ").partition("\n")
        by_title[title] = f"{title}\n\n{about}\n{rest}".rstrip("\n")
    path.write_text("\n\n## ".join([head.rstrip("\n"), *by_title.values()]) + "\n", encoding="utf-8")
