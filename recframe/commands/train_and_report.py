"""One run of the command line: train, evaluate, export, and show what came of it."""

from __future__ import annotations

from pathlib import Path

from recframe.errors import ExportError, RecframeError
from recframe.plugin.registry import Registries
from recframe.reporting.console import ConsoleListener, print_results
from recframe.reporting.report import write_report
from recframe.runs.folder import what_is_kept
from recframe.runs.place import renewed, replaces
from recframe.runs.run import Run, train_in
from recframe.runtime.files import EXPORT
from recframe.spec.experiment import ExperimentSpec


def train_and_report(spec: ExperimentSpec, registries: Registries, folder: Path) -> None:
    """The main job of the command line: train, evaluate, export, and show what came of it."""
    listener = ConsoleListener()
    try:
        with renewed(folder) as place:
            run = _trained_and_exported(spec, registries, place, listener)
        run.folder = folder
    finally:
        listener.close()
    print_results(run)


def _trained_and_exported(spec: ExperimentSpec, registries: Registries, folder: Path, listener: ConsoleListener) -> Run:
    try:
        run = train_in(folder, spec, registries, listener, exports=True)
        if spec.exporters:
            run.write_bundle(folder / EXPORT)
        write_report(run, folder)
    except BaseException as error:  # Ctrl-C too
        # A mistake in the input is found before training, except one that only an export can find.
        mistake = isinstance(error, RecframeError) and not isinstance(error, ExportError)
        if replaces(folder):
            pass  # the earlier run is kept, and `renewed` says so
        elif not mistake and (kept := what_is_kept(folder)):
            error.add_note(kept)
        elif isinstance(error, KeyboardInterrupt):
            error.add_note("no epoch was done: no weights are kept")
        raise
    return run
