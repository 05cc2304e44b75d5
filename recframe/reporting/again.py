"""A run measured or exported again, with its report: what `recframe evaluate` and `recframe export` do."""

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
        SpecError: where the folder holds no run, or its data is no longer what it was trained on.
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
        changes: Other `exporters`, and under `export` other options than the run's.

    Raises:
        SpecError: where the folder holds no run, or a change is wrong.
        ExportError: where a check fails; the bundle before stays.
    """
    with writing(folder):
        run = load_run(folder, registries)
        export_again(run, changes, say)
        write_report(run, folder)
    return run
