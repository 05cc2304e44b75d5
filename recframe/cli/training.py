"""`recframe [train] [OVERRIDES]`: a Hydra application, whose task trains one run."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Any

from recframe.cli.reporting import report
from recframe.cli.stopping import notes_of, stop_behind
from recframe.terminal import printable

OVERVIEW = """\
recframe: declare a recommender, train it, ship it to a phone

  recframe [train] [OVERRIDES]           prepare, train, evaluate, export, report; needs no argument
  recframe -m encoder=bow,cnn,lstm       one run for each
  recframe plan [OVERRIDES]              what would be trained and exported, before any training
  recframe evaluate RUN                  measure again, from a run folder
  recframe export RUN [OVERRIDES]        export again, from a run folder; exporters=[...] and export.KEY=...
  recframe recommend BUNDLE --history ID... [--k K]
                                         try an exported bundle
  recframe check-bundle BUNDLE           is it whole, and does it answer as it did?
  recframe demo RUN [--port N] [--no-browser]
                                         try it in the browser, on a page that anyone can host
  recframe plugins [--json] [--kind KIND]
                                         what is installed
  recframe describe KIND/NAME [--json]   the options of a contribution, as encoder/cnn
  recframe check DISTRIBUTION            run the contract suites on a plugin
"""


#: Hydra's flags that show something and run nothing.
_SHOWING = {"-h", "--help", "--hydra-help", "-c", "--cfg", "-i", "--info", "--version", "-sc", "--shell-completion"}


class Told(Exception):
    """A job of several failed, and its message has been printed. Holds the exit code."""


def train(given: list[str], traced: bool) -> int:
    """Train one run, or with -m several; show help where asked.

    Args:
        traced: Whether errors are shown with their traceback.
    """
    if {"-h", "--help"} & set(given):
        print(OVERVIEW)
        overrides = [text for text in given if not text.startswith("-")]
        if len(overrides) + 1 == len(given):
            # Hydra's own help copies every node many times over. It is still asked where other flags are given.
            from recframe.config import overview

            print(overview(overrides))
            return 0
    import hydra
    from hydra.core.hydra_config import HydraConfig
    from hydra.types import RunMode

    from recframe.config import (
        CONFIG_MODULE,
        CONFIG_NAME,
        own_folders,
        register,
        require_names,
        require_readable,
        to_spec,
        with_plain_values,
    )

    require_names(given)
    require_readable(given)
    given = with_plain_values(given)
    register()
    own_folders(claim=not _SHOWING & {word.partition("=")[0] for word in given})
    here, done = set(os.listdir()), list[tuple[list[str], Path]]()

    def task(config: Any) -> None:
        job = HydraConfig.get()
        folder, several = Path(job.runtime.output_dir), job.mode == RunMode.MULTIRUN
        if several:
            say(f"run {job.job.num}: {' '.join(job.overrides.task)}, in {folder}")
        try:
            spec = to_spec(config, overrides=job.overrides.task, say=say)
            from recframe.folders.runs import require_run_place, writing
            from recframe.training.startup import start_for

            # Told at once, and not after TensorFlow was loaded.
            require_run_place(folder)
            with writing(folder):
                pass
            start_for(spec)
            from recframe.training.commands import train_and_report

            train_and_report(spec, folder)
            if several:
                done.append((list(job.overrides.task), folder))
        except BaseException as error:
            _remove_if_empty(folder, here)
            stop = stop_behind(error)
            if stop is not None and stop is not error:
                for note in notes_of(error):
                    stop.add_note(note)
                raise stop from None
            if not isinstance(error, Exception):
                raise
            # Told here, since Hydra writes lines of its own about an exception, and a launcher may run this elsewhere.
            code = report(error, given, traced)
            # Of several jobs the others still run: Hydra keeps an exception until then, and lets an exit through.
            raise Told(code) if several else SystemExit(code) from None

    arguments, full = sys.argv, os.environ.get("HYDRA_FULL_ERROR")
    # Hydra reads sys.argv. It prints errors its own way and exits with 1, unless told to let them through to main().
    sys.argv, os.environ["HYDRA_FULL_ERROR"] = ["recframe", *given], "1"
    try:
        hydra.main(version_base="1.3", config_path=f"pkg://{CONFIG_MODULE}", config_name=CONFIG_NAME)(task)()
    finally:
        sys.argv = arguments
        os.environ.pop("HYDRA_FULL_ERROR")
        if full is not None:
            os.environ["HYDRA_FULL_ERROR"] = full
        if len(done) > 1:  # also where another job failed
            from recframe.training.console import print_runs

            print_runs(done)
    return 0


def say(note: str) -> None:
    """A remark for the user, beside the results."""
    print(f"· {printable(note)}", file=sys.stderr)


def _remove_if_empty(folder: Path, before: set[str]) -> None:
    """Take away the folder that Hydra made for a run that never began, and those that it made around it.

    Args:
        before: Names that the working directory held before.
    """
    place = Path.cwd()
    made = folder != place and folder.is_relative_to(place) and folder.relative_to(place).parts[0] not in before
    with contextlib.suppress(OSError):  # not empty, as it should be
        while folder != place:
            folder.rmdir()
            folder = folder.parent if made else place
