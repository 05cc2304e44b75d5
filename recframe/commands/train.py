"""`recframe [train] [OVERRIDES]`: a Hydra application whose task trains one run."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import define, field

from recframe.commands.failures import ReportedError, report
from recframe.commands.notes import say
from recframe.commands.stopping import interrupt_behind, notes_of
from recframe.commands.table import RESUME

#: Hydra's flags that print information and run nothing.
_INFO_FLAGS = {"-h", "--help", "--hydra-help", "-c", "--cfg", "-i", "--info", "--version", "-sc", "--shell-completion"}


def run(words: list[str], show_traceback: bool) -> int:
    """Train one run, or several with -m.

    Args:
        show_traceback: Whether errors are shown with their traceback.
    """
    if any(word.startswith(RESUME) for word in words):
        from recframe.commands.resume import run as resume

        return resume(words)
    import hydra

    from recframe.config import (
        CONFIG_MODULE,
        CONFIG_NAME,
        register,
        register_own_folders,
        require_names,
        require_readable,
        with_plain_values,
    )

    require_names(words)
    require_readable(words)
    words = with_plain_values(words)
    register()
    register_own_folders(claim=not _INFO_FLAGS & {word.partition("=")[0] for word in words})
    jobs = _Jobs(words, show_traceback)
    with _hydra_arguments(words):
        try:
            hydra.main(version_base="1.3", config_path=f"pkg://{CONFIG_MODULE}", config_name=CONFIG_NAME)(jobs.run)()
        finally:
            if len(jobs.done) > 1:  # even if another job failed
                from recframe.reporting.console import print_runs

                print_runs(jobs.done)
    return 0


@contextlib.contextmanager
def _hydra_arguments(words: list[str]) -> Iterator[None]:
    """Set sys.argv, which Hydra reads, and let Hydra pass errors on to main() instead of printing them."""
    arguments, full = sys.argv, os.environ.get("HYDRA_FULL_ERROR")
    sys.argv, os.environ["HYDRA_FULL_ERROR"] = ["recframe", *words], "1"
    try:
        yield
    finally:
        sys.argv = arguments
        os.environ.pop("HYDRA_FULL_ERROR")
        if full is not None:
            os.environ["HYDRA_FULL_ERROR"] = full


@define
class _Jobs:
    """The runs of one command line: one, or several with -m.

    Attributes:
        before: The names in the working directory before the first run.
        done: With -m, the overrides and the folder of each run that succeeded.
    """

    words: list[str]
    show_traceback: bool
    before: set[str] = field(factory=lambda: set(os.listdir()))
    done: list[tuple[list[str], Path]] = field(factory=list)

    def run(self, config: Any) -> None:
        """The task function of Hydra: train one run."""
        from hydra.core.hydra_config import HydraConfig
        from hydra.types import RunMode

        job = HydraConfig.get()
        folder, several, overrides = Path(job.runtime.output_dir), job.mode == RunMode.MULTIRUN, job.overrides.task
        if several:
            say(f"run {job.job.num}: {' '.join(overrides)}, in {folder}")
        try:
            _train(config, folder, overrides)
            if several:
                self.done.append((list(overrides), folder))
        except BaseException as error:
            _remove_if_empty(folder, self.before)
            stop = interrupt_behind(error)
            if stop is not None and stop is not error:
                for note in notes_of(error):
                    stop.add_note(note)
                raise stop from None
            if not isinstance(error, Exception):
                raise
            # Reported here: Hydra would add lines to the exception, and a launcher may run this in another process.
            code = report(error, self.words, self.show_traceback)
            # If one of several jobs fails, the others still run: Hydra delays an exception, but not a SystemExit.
            raise ReportedError(code) if several else SystemExit(code) from None


def _train(config: Any, folder: Path, overrides: list[str]) -> None:
    from recframe.config import overwrites, to_spec
    from recframe.plugin.manager import load_plugins
    from recframe.runs.place import require_run_place, writing
    from recframe.runs.resuming import place_of_stopped_run
    from recframe.runs.start import start_for

    registries = load_plugins()
    spec, overwrite = to_spec(config, registries, overrides=overrides, say=say), overwrites(config)
    find_stopped = functools.partial(place_of_stopped_run, folder, spec, registries, overwrite)
    # Reported at once, before TensorFlow is loaded.
    require_run_place(folder)
    with writing(folder):
        find_stopped()
    start_for(spec, registries)
    from recframe.commands.train_and_report import train_and_report

    train_and_report(spec, registries, folder, find_stopped)


def _remove_if_empty(folder: Path, before: set[str]) -> None:
    """Remove the folder that Hydra made for a run that never began, and the parent folders that it made.

    Args:
        before: The names in the working directory before the first run.
    """
    place = Path.cwd()
    inside = folder != place and folder.is_relative_to(place)
    made_by_hydra = inside and folder.relative_to(place).parts[0] not in before
    with contextlib.suppress(OSError):  # raised by a folder that is not empty, which stays
        while folder != place:
            folder.rmdir()
            folder = folder.parent if made_by_hydra else place
