"""Every benchmark with its bound: `python -m benchmarks [SECTION ...]`, or `make bench`.

Each section runs in a process of its own, so that none finds the other's memory or compilations. The tables are printed
as they come, and written to a file with what they were measured on. A benchmark asserts nothing.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import os
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import get_context
from pathlib import Path

from benchmarks.machine import processor
from benchmarks.scale import Scale
from benchmarks.tables import Table

SECTIONS = ("startup", "data", "training", "model_maker", "softmax", "evaluation", "scaling", "peers")
LIBRARIES = ("recframe", "tensorflow", "keras", "numpy", "polars")


def measured(section: str, scale: Scale) -> Table:
    """A section's table, made in this process."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    table: Table = importlib.import_module(f"benchmarks.{section}").table(scale)
    return table


def in_its_own_process(section: str, scale: Scale) -> Table:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measured, section, scale).result()


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


def measured_on(scale: Scale, sections: list[str], began: str, seconds: float) -> str:
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
        "commit": commit(),
        "date": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}",
        "load average": f"{began} at the start, {load()} at the end, this command included",
        "command": f"python -m benchmarks {' '.join(sections)} --repeats {scale.repeats}"
        + " --small" * scale.small
        + " --large" * scale.large,
        "it took": f"{seconds / 60:.1f} minutes",
    }
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in facts.items())])


ABOUT = """\
# Results

Written by the command below, and never by hand. Times are medians of the repeats, and the spread is the difference of
the slowest and the fastest as a share of that. CPU is that of all threads; the clock also tells what else the machine was
doing. A row of more than 1.5 times its bound says what its time is spent on.
"""


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"what to measure: {', '.join(SECTIONS)}")
    parser.add_argument("--repeats", type=int, default=3, help="measurements of each row")
    parser.add_argument("--small", action="store_true", help="as little of everything as shows that it runs")
    parser.add_argument("--large", action="store_true", help="also what takes minutes: 25 million events, a million items")
    parser.add_argument("--peers", default=".venv-peers/bin/python", help="Python that has the peers' packages")
    parser.add_argument("--results", type=Path, help="file that the tables are written to, such as benchmarks/RESULTS.md")
    chosen = parser.parse_args(arguments)
    sections = chosen.sections or list(SECTIONS)
    if unknown := set(sections) - set(SECTIONS):
        parser.error(f"no such section: {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    if chosen.repeats < 1:
        parser.error("--repeats must be at least 1")
    scale = Scale(chosen.repeats, chosen.small, chosen.large, chosen.peers)
    start, began, tables = time.perf_counter(), load(), []
    for section in sections:
        tables.append(in_its_own_process(section, scale).markdown())
        print(tables[-1], flush=True)
    about = measured_on(scale, sections, began, time.perf_counter() - start)
    print(about)
    if chosen.results:
        chosen.results.write_text("\n".join([ABOUT, f"{about}\n", *tables]), encoding="utf-8")


if __name__ == "__main__":
    main()
