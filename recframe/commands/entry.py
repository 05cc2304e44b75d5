"""From the arguments to a command, and from what it raises to an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from recframe.commands.failures import ReportedError, report
from recframe.commands.stopping import sigterm_raises, stop_behind, stopped
from recframe.commands.table import command, names
from recframe.errors import RecframeError
from recframe.errors.nearest import listing


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 done, 1 failed, 2 the input is wrong, 130 or 143 stopped."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    code, error = _outcome(words)
    if arguments is None and _out_of_native_memory(error):
        # TensorFlow ends the process with "double free or corruption" where an allocation in a compiled step failed.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


def _outcome(words: list[str]) -> tuple[int, BaseException | None]:
    """The exit code, and the error behind it."""
    traced = os.environ.get("HYDRA_FULL_ERROR", "0") not in ("", "0")
    try:
        with sigterm_raises():
            return _dispatch(words, traced), None
    except KeyboardInterrupt as stop:
        return stopped(stop), stop
    except ReportedError as reported:
        return int(reported.args[0]), reported
    except SystemExit as end:
        # argparse, Hydra and the training task end like this.
        return end.code if isinstance(end.code, int) else int(end.code is not None), end
    except BrokenPipeError as error:
        # `recframe --help | head`: the reader has gone. Point stdout elsewhere, or Python complains at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1, error
    except Exception as error:
        cause = stop_behind(error)
        return (report(error, traced), error) if cause is None else (stopped(cause), cause)


def _out_of_native_memory(error: BaseException | None) -> bool:
    while error is not None and type(error).__name__ != "ResourceExhaustedError":
        error = error.__context__
    return error is not None


def _dispatch(words: list[str], traced: bool) -> int:
    first = words[0] if words else ""
    if first == "--version":
        from recframe.process.version import own_version

        print(f"recframe {own_version()}")
        return 0
    # Overrides have a `=` (or a ~ in front), flags a dash: any other first word is meant as a command.
    if first and first != "train" and "=" not in first and not first.startswith(("-", "~", "+")):
        if (run := command(first)) is None:
            raise RecframeError(
                f"no command {first!r}{listing(first, names(), 'The commands are')}; plugins bring others"
            )
        return run(words[1:])
    if first == "train":
        words = words[1:]
    from recframe.commands import train

    return train.run(words, traced)
