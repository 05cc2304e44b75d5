"""Runs the sections, each in a process of its own, so that none finds the other's memory or compilations."""

from __future__ import annotations

import argparse
import importlib
import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from benchmarks.results import commit, load, measured_on, update, write
from benchmarks.scale import Scale
from benchmarks.tables import Table

SECTIONS = ("startup", "data", "training", "model_maker", "softmax", "evaluation", "scaling", "peers")
#: Modules that have another name than their section.
MODULES = {"peers": "peers.compare"}


def measured(section: str, scale: Scale) -> Table:
    """A section's table, made in this process."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    table: Table = importlib.import_module(f"benchmarks.{MODULES.get(section, section)}").table(scale)
    return table


def in_its_own_process(section: str, scale: Scale) -> Table:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measured, section, scale).result()


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Every benchmark with its bound.")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"what to measure: {', '.join(SECTIONS)}")
    parser.add_argument("--repeats", type=int, default=3, help="measurements of each row")
    parser.add_argument("--small", action="store_true", help="as little of everything as shows that it runs")
    parser.add_argument(
        "--large", action="store_true", help="also 25 million events, and evaluation of a million items"
    )
    parser.add_argument("--peers", default=".venv-peers/bin/python", help="Python that has the peers' packages")
    parser.add_argument(
        "--results",
        type=Path,
        help="file for the tables, such as benchmarks/RESULTS.md; of chosen sections, the others stay",
    )
    chosen = parser.parse_args(arguments)
    sections = chosen.sections or list(SECTIONS)
    if unknown := set(sections) - set(SECTIONS):
        parser.error(f"no such section: {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    if chosen.repeats < 1:
        parser.error("--repeats must be at least 1")
    scale = Scale(chosen.repeats, chosen.small, chosen.large, chosen.peers)
    start, began, of_commit, tables = time.perf_counter(), load(), commit(), []
    about = ""
    for section in sections:
        tables.append(in_its_own_process(section, scale).markdown())
        print(tables[-1], flush=True)
        facts = {
            "commit": of_commit,
            "load average": f"{began} at the start, {load()} at the end, with this command's own",
        }
        about = measured_on(scale, sections[: len(tables)], facts, time.perf_counter() - start)
        if chosen.results and not chosen.sections:  # so that a run that is stopped leaves what it has
            write(chosen.results, about, tables)
    print(about)
    if chosen.results and chosen.sections:
        (update if chosen.results.exists() else write)(chosen.results, about, tables)
