"""Calls the command that the arguments name, and turns errors into exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from recframe.commands.failures import ReportedError, report
from recframe.commands.notes import log_as_notes
from recframe.commands.stopping import interrupt_behind, report_interrupt, sigterm_raises
from recframe.commands.table import command, names
from recframe.errors import RecframeError
from recframe.errors.nearest import listing


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 success, 1 failure, 2 wrong input, 130 or 143 stopped by a signal."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    code, error = _outcome(words)
    if arguments is None and _out_of_native_memory(error):
        # After a failed allocation in a compiled step TensorFlow would crash at exit with "double free or corruption".
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


def _outcome(words: list[str]) -> tuple[int, BaseException | None]:
    """The exit code, and the error that caused it."""
    show_traceback = os.environ.get("HYDRA_FULL_ERROR", "0") not in ("", "0")
    try:
        with sigterm_raises(), log_as_notes():
            return _dispatch(words, show_traceback), None
    except KeyboardInterrupt as stop:
        return report_interrupt(stop), stop
    except ReportedError as reported:
        return int(reported.args[0]), reported
    except SystemExit as end:
        # argparse, Hydra and the Hydra task of `train` exit this way.
        return end.code if isinstance(end.code, int) else int(end.code is not None), end
    except BrokenPipeError as error:
        # `recframe --help | head` closes the pipe. Without another stdout Python would print an error at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1, error
    except Exception as error:
        cause = interrupt_behind(error)
        return (report(error, show_traceback), error) if cause is None else (report_interrupt(cause), cause)


def _out_of_native_memory(error: BaseException | None) -> bool:
    while error is not None and type(error).__name__ != "ResourceExhaustedError":
        error = error.__context__
    return error is not None


def _dispatch(words: list[str], show_traceback: bool) -> int:
    first = words[0] if words else ""
    if first == "--version":
        from recframe.process.version import own_version

        print(f"recframe {own_version()}")
        return 0
    # Overrides contain `=` or begin with ~, and flags begin with a dash. Any other first word is a command.
    if first and first != "train" and "=" not in first and not first.startswith(("-", "~", "+")):
        if (run := command(first)) is None:
            raise RecframeError(
                f"no command {first!r}{listing(first, names(), 'The commands are')}; plugins add others"
            )
        return run(words[1:])
    if first == "train":
        words = words[1:]
    from recframe.commands import train

    return train.run(words, show_traceback)
