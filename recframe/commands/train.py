"""`recframe [train] [OVERRIDES]`: a Hydra application, whose task trains one run."""

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
from recframe.commands.remarks import say
from recframe.commands.stopping import notes_of, stop_behind
from recframe.commands.table import RESUME

#: Hydra's flags that show something and run nothing.
_SHOWING = {"-h", "--help", "--hydra-help", "-c", "--cfg", "-i", "--info", "--version", "-sc", "--shell-completion"}


def run(words: list[str], traced: bool) -> int:
    """Train one run, or with -m several.

    Args:
        traced: Whether errors are shown with their traceback.
    """
    if any(word.startswith(RESUME) for word in words):
        from recframe.commands.resume import run as resume

        return resume(words)
    import hydra

    from recframe.config import (
        CONFIG_MODULE,
        CONFIG_NAME,
        own_folders,
        register,
        require_names,
        require_readable,
        with_plain_values,
    )

    require_names(words)
    require_readable(words)
    words = with_plain_values(words)
    register()
    own_folders(claim=not _SHOWING & {word.partition("=")[0] for word in words})
    jobs = _Jobs(words, traced)
    with _as_hydra_reads(words):
        try:
            hydra.main(version_base="1.3", config_path=f"pkg://{CONFIG_MODULE}", config_name=CONFIG_NAME)(jobs.run)()
        finally:
            if len(jobs.done) > 1:  # also where another job failed
                from recframe.reporting.console import print_runs

                print_runs(jobs.done)
    return 0


@contextlib.contextmanager
def _as_hydra_reads(words: list[str]) -> Iterator[None]:
    """Hydra reads sys.argv. It prints errors its own way and exits with 1, unless it lets them through to main()."""
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
    """The runs of one command line: one, or with -m several.

    Attributes:
        before: Names that the working directory held before.
        done: Overrides and folder of each run of several that went through.
    """

    words: list[str]
    traced: bool
    before: set[str] = field(factory=lambda: set(os.listdir()))
    done: list[tuple[list[str], Path]] = field(factory=list)

    def run(self, config: Any) -> None:
        """Hydra's task."""
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
            stop = stop_behind(error)
            if stop is not None and stop is not error:
                for note in notes_of(error):
                    stop.add_note(note)
                raise stop from None
            if not isinstance(error, Exception):
                raise
            # Reported here: Hydra would add lines of its own to an exception, and a launcher may run this elsewhere.
            code = report(error, self.words, self.traced)
            # Of several jobs the others still run: Hydra keeps an exception until then, and lets an exit through.
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
        before: Names that the working directory held before.
    """
    place = Path.cwd()
    made = folder != place and folder.is_relative_to(place) and folder.relative_to(place).parts[0] not in before
    with contextlib.suppress(OSError):  # not empty, as it should be
        while folder != place:
            folder.rmdir()
            folder = folder.parent if made else place
