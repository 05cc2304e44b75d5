"""`recframe [train] [OVERRIDES]`: a Hydra application whose task trains one run."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import attrs

from recframe.commands.completion import is_query, prepare_query
from recframe.commands.jobs import Jobs
from recframe.commands.overview import overview
from recframe.commands.table import RESUME

if TYPE_CHECKING:
    from recframe.config import CommandLine


def run(words: list[str], show_traceback: bool) -> int:
    """Train one run, or several with -m.

    Args:
        show_traceback: Whether errors are shown with their traceback.
    """
    if any(word.startswith(RESUME) for word in words):
        from recframe.commands.resume import run as resume

        return resume(words)
    if {"-h", "--help"} & set(words):
        print(overview())  # also if only the runtime is installed
    from recframe.config import (
        choices,
        read_command_line,
        register,
        register_own_folders,
        require_names,
        require_readable,
    )

    line = read_command_line(words)
    if line.help and not line.flags:
        # Hydra's own help copies every node many times over. It is used only if there are other flags.
        print(choices(line.overrides, line.sources))
        return 0
    require_names(line.overrides)
    require_readable(line.sources)
    register()
    register_own_folders(claim=not line.shows)
    if line.shows:
        _show(line)
    elif not _sweep(line, show_traceback):
        _run_hydra(line, Jobs(show_traceback, several=False))
    return 0


def _show(line: CommandLine) -> None:
    """Print what Hydra shows for its flags, such as `--cfg job`."""
    if line.shell_completion and is_query(line.overrides):
        sources = prepare_query()
        if sources is None:
            return
        line = attrs.evolve(line, sources=sources)
    _run_hydra(line, Jobs(show_traceback=False, several=False))


def _sweep(line: CommandLine, show_traceback: bool) -> bool:
    """Train several runs and compare them. Returns False if the command line has only one run."""
    from recframe.config import require_sound_jobs, sweep_folder, sweep_of, sweepers_know_the_objective
    from recframe.errors.shell import hydra_value
    from recframe.plugin.manager import load_plugins

    sweepers_know_the_objective()
    settings = sweep_of(line)
    if settings is None:
        return False
    require_sound_jobs(line, settings, load_plugins())
    folder, jobs = sweep_folder(settings), Jobs(show_traceback, several=True)
    # The folder is chosen here, so that the processes of a launcher use the same one.
    placed = attrs.evolve(line, overrides=(*line.overrides, f"hydra.sweep.dir={hydra_value(folder)}"))
    try:
        _run_hydra(placed, jobs)
    finally:  # even if a job failed
        from recframe.reporting.sweep_table import print_sweep

        print_sweep(folder, jobs.command)
    return True


def _run_hydra(line: CommandLine, jobs: Jobs) -> None:
    import hydra

    from recframe.config import CONFIG_ERRORS, explain, own_configs
    from recframe.errors import SpecError

    with own_configs(), _hydra_arguments(line.words):
        try:
            hydra.main(version_base="1.3", config_path=None)(jobs.run)()
        except CONFIG_ERRORS as error:
            raise SpecError(explain(error, line.overrides, line.sources)) from error


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
