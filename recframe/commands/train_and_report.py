"""The main job of the command line: train, evaluate, export, and print the results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from recframe.errors import ExportError, RecframeError
from recframe.plugin.registry import Registries
from recframe.reporting.console import ConsoleListener, print_results
from recframe.reporting.report import write_report
from recframe.runs.folder import kept_weights_note
from recframe.runs.place import place_for_run, replaces
from recframe.runs.run import Run
from recframe.runs.training import train_in
from recframe.runtime.files import EXPORT
from recframe.spec.experiment import ExperimentSpec
from recframe.training.training_state import forget_state


def train_and_report(
    spec: ExperimentSpec,
    registries: Registries,
    folder: Path,
    find_stopped: Callable[[], Path | None],
    origin: Path | None = None,
) -> float:
    """Train, evaluate, export, and print the results. Returns the objective, which a sweeper reads.

    Args:
        find_stopped: Passed to `place_for_run`.
        origin: Where the relative paths of the spec begin; None: here.
    """
    listener = ConsoleListener()
    try:
        with place_for_run(folder, find_stopped) as place:
            run = _trained_and_exported(spec, registries, place, listener, origin)
            forget_state(place)
        run.folder = folder
    finally:
        listener.close()
    print_results(run)
    return run.objective


def _trained_and_exported(
    spec: ExperimentSpec, registries: Registries, folder: Path, listener: ConsoleListener, origin: Path | None
) -> Run:
    try:
        run = train_in(folder, spec, registries, listener, exports=True, origin=origin)
        if spec.exporters:
            run.write_bundle(folder / EXPORT)
        write_report(run, folder)
    except BaseException as error:  # Ctrl-C too
        # A mistake in the input shows before training, except a mistake that only an export can find.
        mistake = isinstance(error, RecframeError) and not isinstance(error, ExportError)
        if replaces(folder):
            pass  # the earlier run is kept, and `place_for_run` says so
        elif not mistake and (kept := kept_weights_note(folder)):
            error.add_note(kept)
        elif isinstance(error, KeyboardInterrupt):
            error.add_note("no epoch was completed: no weights are kept")
        raise
    return run
