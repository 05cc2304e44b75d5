"""The runs of one command line: one, or with -m several, in this process or in those of a launcher."""

from __future__ import annotations

import contextlib
import functools
import os
import uuid
from pathlib import Path
from typing import Any

from attrs import define, field

from recframe.commands.failures import ReportedError, report
from recframe.commands.remarks import say
from recframe.commands.stopping import notes_of, stop_behind


@define
class Jobs:
    """Hydra's task, which a launcher may send to another process.

    Attributes:
        traced: Whether errors are shown with their traceback.
        several: Whether a sweeper chooses the runs.
        command: By which the records of this command line's runs are told from others'.
        before: Names that the working directory held before.
    """

    traced: bool
    several: bool
    command: str = field(factory=lambda: uuid.uuid4().hex)
    before: set[str] = field(factory=lambda: set(os.listdir()))

    def run(self, config: Any) -> float:
        """Train one run, and return its objective, which a sweeper reads."""
        from hydra.core.hydra_config import HydraConfig

        job = HydraConfig.get()
        folder, overrides = Path(job.runtime.output_dir), list(job.overrides.task)
        if self.several:
            say(f"run {job.job.num}: {' '.join(overrides)}, in {folder}")
        try:
            objective = _train(config, folder, overrides)
            if self.several:
                from recframe.reporting.sweep_records import record_job

                record_job(folder, self.command, job.job.num, overrides)
            return objective
        except BaseException as error:
            _remove_if_empty(folder, self.before)
            stop = stop_behind(error)
            if stop is not None and stop is not error:
                for note in notes_of(error):
                    stop.add_note(note)
                raise stop from None
            if not isinstance(error, Exception):
                raise
            # Reported here: Hydra would add lines of its own to an exception, and a launcher may run this elsewhere.
            code = report(error, self.traced)
            # Of several jobs the others still run: Hydra keeps an exception until then, and lets an exit through.
            raise ReportedError(code) if self.several else SystemExit(code) from None


def _train(config: Any, folder: Path, overrides: list[str]) -> float:
    from recframe.config import overwrites, to_spec
    from recframe.plugin.manager import load_plugins
    from recframe.runs.going_on import place_to_go_on
    from recframe.runs.place import require_run_place, writing
    from recframe.runs.start import start_for

    registries = load_plugins()
    spec, overwrite = to_spec(config, registries, overrides=overrides, say=say), overwrites(config)
    going_on = functools.partial(place_to_go_on, folder, spec, registries, overwrite)
    # Reported at once, before TensorFlow is loaded.
    require_run_place(folder)
    with writing(folder):
        going_on()
    start_for(spec, registries)
    from recframe.commands.train_and_report import train_and_report

    return train_and_report(spec, registries, folder, going_on)


def _remove_if_empty(folder: Path, before: set[str]) -> None:
    """Remove the folder that Hydra made for a run that never began, and the parent folders that it made.

    Args:
        before: Names that the working directory held before.
    """
    place = Path.cwd()
    made = folder != place and folder.is_relative_to(place) and folder.relative_to(place).parts[0] not in before
    with contextlib.suppress(OSError):  # not empty, as it should be
        while folder != place:
            folder.rmdir()
            folder = folder.parent if made else place
