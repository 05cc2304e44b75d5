"""The runs of one command line: one, or several with -m, in this process or in the processes of a launcher."""

from __future__ import annotations

import contextlib
import functools
import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import define, field

from recframe.commands.failures import ReportedError, report
from recframe.commands.notes import say
from recframe.commands.stopping import interrupt_behind, notes_of


@define
class Jobs:
    """Hydra's task, which a launcher may send to another process.

    Attributes:
        show_traceback: Whether errors are shown with their traceback.
        several: Whether a sweeper chooses the runs.
        command: An id that separates the records of this command line's runs from those of others.
        before: The names in the working directory before the first run.
    """

    show_traceback: bool
    several: bool
    command: str = field(factory=lambda: uuid.uuid4().hex)
    before: set[str] = field(factory=lambda: set(os.listdir()))

    def run(self, config: Any) -> float:
        """Train one run, and return its objective, which a sweeper reads."""
        from hydra.core.hydra_config import HydraConfig
        from omegaconf import OmegaConf

        job = HydraConfig.get()
        # As they were written: a reference in one, such as ${model.width}, is for the config to resolve.
        overrides: Any = OmegaConf.to_container(job.overrides.task, resolve=False)
        folder = Path(job.runtime.output_dir)
        if self.several:
            say(f"run {job.job.num}: {' '.join(overrides)}, in {folder}")
        try:
            return _train(config, folder, overrides, functools.partial(self._record, folder, job, overrides))
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
            code = report(error, self.show_traceback)
            # If one of several jobs fails, the others still run: Hydra delays an exception, but not a SystemExit.
            raise ReportedError(code) if self.several else SystemExit(code) from None

    def _record(self, folder: Path, job: Any, overrides: list[str]) -> None:
        from recframe.reporting.sweep_records import record_job

        if self.several:  # a single job has no number
            record_job(folder, self.command, job.job.num, overrides)


def _train(config: Any, folder: Path, overrides: list[str], when_complete: Callable[[], None]) -> float:
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

    return train_and_report(spec, registries, folder, find_stopped, when_complete=when_complete)


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
