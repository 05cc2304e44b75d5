"""The main job of the command line: train, evaluate, export, and print the results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from recframe.errors import RecframeError
from recframe.errors.shell import shell_command
from recframe.plugin.registry import Registries
from recframe.reporting.console import ConsoleListener, print_results, relative_to_here
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
    when_complete: Callable[[], None] = lambda: None,
) -> float:
    """Train, evaluate, export, and print the results. Returns the objective, which a sweeper reads.

    Args:
        find_stopped: Passed to `place_for_run`.
        origin: Where the relative paths of the spec begin; None: here.
        when_complete: Is called once the run is in its folder, also if one of several exporters failed.
    """
    listener, failures = ConsoleListener(), list[RecframeError]()
    try:
        with place_for_run(folder, find_stopped) as place:
            run = _trained_and_exported(spec, registries, place, listener, origin, failures)
            forget_state(place)
        run.folder = folder
    finally:
        listener.close()
    print_results(run)
    when_complete()
    if failures:
        raise _without_some_exports(run, failures)
    return run.objective


def _without_some_exports(run: Run, failures: Sequence[RecframeError]) -> RecframeError:
    """The first error, with notes on the others and on what there is."""
    error = failures[0]
    for other in failures[1:]:
        error.add_note(str(other))
    again = shell_command("recframe", "export", relative_to_here(run.folder or Path()))
    exports = ", ".join(run.metrics["exports"])
    error.add_note(f"the run is complete but for this export, and has {exports}; `{again}` exports it again")
    return error


def _trained_and_exported(
    spec: ExperimentSpec,
    registries: Registries,
    folder: Path,
    listener: ConsoleListener,
    origin: Path | None,
    failures: list[RecframeError],
) -> Run:
    trained = False
    try:
        run = train_in(folder, spec, registries, listener, exports=True, origin=origin)
        trained = True
        if spec.exporters:
            # A bundle that lacks an export does not take the place of an earlier one.
            run.write_bundle(folder / EXPORT, None if replaces(folder) else failures, listener.say)
        write_report(run, folder)
    except BaseException as error:  # Ctrl-C too
        mistake = isinstance(error, RecframeError) and not trained
        if replaces(folder):
            # The earlier run is kept, and `place_for_run` says so.
            if trained:
                error.add_note(
                    "the new run is trained; it may be resumed with other exporters=[...] and export.KEY=VALUE"
                )
        elif not mistake and (kept := kept_weights_note(folder)):
            error.add_note(kept)
        elif isinstance(error, KeyboardInterrupt):
            error.add_note("no epoch was completed: no weights are kept")
        raise
    return run
