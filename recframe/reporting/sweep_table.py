"""The runs of one sweep beside one another, with the comparators: in the terminal, and in comparison.csv."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from recframe.errors.terminal import printable
from recframe.files.whole import write_text
from recframe.reporting.console import relative_to_here
from recframe.reporting.figures import format_metric
from recframe.reporting.sweep_records import SweepJob, best_of, finished_jobs
from recframe.reporting.wide_console import wide_console

COMPARISON = "comparison.csv"
#: A number with more decimals than anyone reads in a table; comparison.csv has them all.
_LONG_FRACTION = re.compile(r"(?<![\w.])\d+\.\d{5,}(e[+-]?\d+)?(?![\w.])")


def print_sweep(sweep: Path, command: str, console: Console | None = None) -> None:
    """Compare the runs of one command line that went through, in the terminal and in a file of the sweep's folder."""
    jobs = finished_jobs(sweep, command)
    if not jobs:
        return
    write_text(sweep / COMPARISON, comparison_csv(jobs))
    console = console or wide_console()
    console.print(sweep_table(jobs))
    where = printable(str(relative_to_here(sweep)))
    lines = [f"runs        {where}/RUN", f"comparison  {where}/{COMPARISON}"]
    if (best := best_of(jobs)) is not None:
        chosen = " ".join(_differing(jobs)[best.number]) or "as given"
        value = format_metric(best.objective, best.value)
        lines.append(f"best        run {best.number}: {printable(chosen)}, validation {best.objective} {value}")
    console.print(Text("\n".join(lines)), soft_wrap=True)


def sweep_table(jobs: Sequence[SweepJob]) -> Table:
    """A row for each run and for each comparator; the figures are of the test targets, the objective of validation."""
    metrics = _metrics(jobs)
    table = Table(box=None, pad_edge=False)
    table.add_column("run", justify="right", no_wrap=True)
    table.add_column("overrides", overflow="fold", min_width=12)
    objectives = sorted({job.objective for job in jobs})
    for heading in (
        *(f"valid.\n{name}" for name in objectives),
        *(f"test\n{name}" for name in metrics),
        "KB",
        "p50 µs",
    ):
        table.add_column(heading, justify="right", no_wrap=True)
    for job in jobs:
        values = (format_metric(name, job.value if job.objective == name else None) for name in objectives)
        tests = (format_metric(name, job.metrics["test"].get(name)) for name in metrics)
        chosen = Text(printable(" ".join(_differing(jobs)[job.number])))
        table.add_row(str(job.number), chosen, *values, *tests, *_export(job))
    for name, figures in comparators(jobs):
        tests = (format_metric(metric, figures.get(metric)) for metric in metrics)
        table.add_row("", name, *("" for _ in objectives), *tests)
    return table


def shortened(override: str) -> str:
    """An override whose long fractions have four digits, since a sweeper draws them with seventeen.

    >>> shortened("train.learning_rate=0.012345678901234567")
    'train.learning_rate=0.01235'
    """
    key, sign, value = override.partition("=")
    return key + sign + _LONG_FRACTION.sub(lambda number: f"{float(number[0]):.4g}", value)


def comparators(jobs: Sequence[SweepJob]) -> list[tuple[str, Mapping[str, Any]]]:
    """Each comparator with its test figures; where the runs had other data, those of each, named by the runs."""
    of_name: dict[str, dict[str, list[SweepJob]]] = {}
    for job in jobs:
        for name, figures in job.metrics["baselines"].items():
            of_name.setdefault(name, {}).setdefault(repr(figures), []).append(job)
    rows = []
    for name, variants in of_name.items():
        for alike in variants.values():
            runs = f" (run {', '.join(str(job.number) for job in alike)})" if len(variants) > 1 else ""
            rows.append((name.replace("_", " ") + runs, alike[0].metrics["baselines"][name]))
    return rows


def comparison_csv(jobs: Sequence[SweepJob]) -> str:
    """The comparison for programs: every figure of the test targets in full."""
    names = list(dict.fromkeys(name for job in jobs for name, _ in _numbers(job.metrics["test"])))
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["run", "overrides", "folder", "objective", "validation", *names])
    for job in jobs:
        figures = dict(_numbers(job.metrics["test"]))
        folder = str(relative_to_here(job.folder))
        head = [job.number, " ".join(job.overrides), folder, job.objective, job.value]
        rows.writerow([*head, *(figures.get(name, "") for name in names)])
    for name, measured in comparators(jobs):
        figures = dict(_numbers(measured))
        rows.writerow(["", name, "", "", "", *(figures.get(metric, "") for metric in names)])
    return text.getvalue()


def _numbers(figures: Mapping[str, Any]) -> list[tuple[str, float]]:
    return [(name, value) for name, value in figures.items() if isinstance(value, int | float)]


def _metrics(jobs: Sequence[SweepJob]) -> list[str]:
    """What the terminal shows of the test figures."""
    shared = [name for name in jobs[0].metrics["test"] if all(name in job.metrics["test"] for job in jobs)]
    at_ten = [name for name in shared if name in ("recall@10", "ndcg@10")]
    return [*(at_ten or [name for name in shared if name.startswith(("recall@", "ndcg@"))][-2:]), "mean_rank"]


def _differing(jobs: Sequence[SweepJob]) -> dict[int, list[str]]:
    """Of each run, by its number, the overrides that not all runs have, as the terminal shows them."""
    common = set(jobs[0].overrides).intersection(*(job.overrides for job in jobs)) if len(jobs) > 1 else set()
    return {job.number: [shortened(text) for text in job.overrides if text not in common] for job in jobs}


def _export(job: SweepJob) -> tuple[str, str]:
    """Size and latency of the chosen model."""
    exports = job.metrics.get("exports", {}).values()
    export: Mapping[str, Any] = next((value for value in exports if value.get("chosen")), {})
    size = f"{export['bytes'] / 1000:,.1f}" if export else ""
    return size, f"{export['p50_us']:,.0f}" if "p50_us" in export else ""
