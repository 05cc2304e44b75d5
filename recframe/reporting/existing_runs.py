"""Evaluates or exports an existing run again and writes its report, for `recframe evaluate` and `recframe export`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from recframe.plugin.registry import Registries
from recframe.reporting.report import write_report
from recframe.runs.place import writing
from recframe.runs.run import Run
from recframe.runs.saved_run import evaluate_again, export_again, load_run


def evaluate_run(folder: Path, registries: Registries, say: Callable[[str], None]) -> Run:
    """Measure a finished or stopped run again, and write its metrics.json and report.html.

    Raises:
        SpecError: if the folder holds no run, or the data is not the data that the run was trained on.
    """
    with writing(folder):
        run = load_run(folder, registries, say)
        evaluate_again(run, say)
        write_report(run, folder)
    return run


def export_run(
    folder: Path,
    registries: Registries,
    changes: Mapping[str, Any] = MappingProxyType({}),
    say: Callable[[str], None] = lambda note: None,
) -> Run:
    """Write the bundle and the report of a finished or stopped run again.

    Args:
        changes: New values of `exporters` and of the options under `export`, instead of the run's.

    Raises:
        SpecError: if the folder holds no run, or a change is wrong.
        ExportError: if a check fails. The earlier bundle stays.
    """
    with writing(folder):
        run = load_run(folder, registries)
        export_again(run, changes, say)
        write_report(run, folder)
    return run
