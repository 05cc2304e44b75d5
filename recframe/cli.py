"""The console script. `recframe OVERRIDES` is a Hydra application; the other commands are small.

Heavy modules are imported inside the functions that need them, so that help and listings never wait for TensorFlow.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from recframe.errors import RecframeError
from recframe.manager import own_version
from recframe.registry import KINDS, listing

OVERVIEW = """\
recframe: declare a recommender, train it, ship it to a phone

  recframe [train] [OVERRIDES]           prepare, train, evaluate, export, report; needs no argument
  recframe -m encoder=bow,cnn,lstm       one run for each
  recframe plan [OVERRIDES]              what would be trained and exported, before any training
  recframe evaluate RUN                  measure again, from a run folder
  recframe export RUN [exporters=[...]]  export again, from a run folder
  recframe recommend BUNDLE --history ID... [--k K]
                                         try an exported bundle
  recframe plugins [--json] [--kind KIND]
                                         what is installed
  recframe describe KIND/NAME [--json]   the options of a contribution, as encoder/cnn
  recframe check DISTRIBUTION            run the contract suites on a plugin
"""


#: What the system says of a path that the user named and that cannot be used.
UNUSABLE = (PermissionError, NotADirectoryError, IsADirectoryError, FileExistsError)


class _Terminated(KeyboardInterrupt):
    """SIGTERM arrived: as Ctrl-C, so that nothing half-written stays behind."""


class _Told(Exception):
    """A job of several failed, and its message has been printed. Holds the exit code."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 done, 1 failed, 2 the input is wrong, 130 or 143 stopped."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    traced = os.environ.get("HYDRA_FULL_ERROR", "0") not in ("", "0")
    try:
        with _sigterm_raises():
            return _dispatch(given, traced)
    except KeyboardInterrupt as stop:
        return _stopped(stop)
    except _Told as told:
        return int(told.args[0])
    except SystemExit as end:
        # argparse and Hydra end so, and the training task below.
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BrokenPipeError:
        # `recframe --help | head`: the reader has gone. Point stdout elsewhere, or Python complains at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        cause = _stop_behind(error)
        return _report(error, given, traced) if cause is None else _stopped(cause)


@contextlib.contextmanager
def _sigterm_raises() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # Python lets no other thread set a handler.
        return

    def stop(signum: int, frame: Any) -> NoReturn:
        raise _Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _stop_behind(error: BaseException | None) -> KeyboardInterrupt | None:
    """The Ctrl-C that the error is or comes from: a module stopped in its initialisation gives an ImportError."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error


def _stopped(stop: KeyboardInterrupt) -> int:
    print("\n  ".join(["stopped", *_notes(stop)]), file=sys.stderr)
    return 143 if isinstance(stop, _Terminated) else 130


def _notes(error: BaseException) -> list[str]:
    """What was added on the way up: what is kept of a run that ended early."""
    return list(getattr(error, "__notes__", []))


def _report(error: Exception, given: list[str], traced: bool) -> int:
    """Tell the user, and return the exit code."""
    message, code = _message(error, given)
    if traced or code is None:
        traceback.print_exception(error)
    else:
        print("\n  ".join([f"recframe: {message}", *_notes(error)]), file=sys.stderr)
    return 1 if code is None else code


def _message(error: Exception, given: list[str]) -> tuple[str, int | None]:
    """What the user reads, and the exit code; no code for an error that nobody foresaw."""
    if (place := _full_disk(error)) is not None:
        return f"no space left on the disk{place}; free some and try again", 1
    if isinstance(error, UNUSABLE) and error.filename:
        return f"{error.filename}: {error.strerror}", 2
    if isinstance(error, FloatingPointError):
        return str(error), 2  # the loss, which the training loop has looked at
    if isinstance(error, RecframeError):
        problems = getattr(error, "problems", [str(error)])
        text = problems[0] if len(problems) == 1 else "\n  ".join([f"{len(problems)} problems:", *problems])
        return text + _failed_plugins(), 2
    if "hydra" in sys.modules:
        from recframe.config import CONFIG_ERRORS, explain

        if isinstance(error, CONFIG_ERRORS):
            return explain(error, [text for text in given if not text.startswith("-")]) + _failed_plugins(), 2
    return "", None


def _full_disk(error: BaseException) -> str | None:
    """` for FILE` where the disk is full, empty where it is not known for which file; None for any other error."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f" for {error.filename}" if error.filename else ""
    # h5py and TensorFlow have errors of their own, with the system's words in them.
    if os.strerror(errno.ENOSPC) in str(error):
        return ""
    return _full_disk(error.__cause__) if error.__cause__ else None


def _failed_plugins() -> str:
    """A plugin that failed to load is often why a name is unknown."""
    from recframe.manager import plugin_infos

    try:
        failed = [info.name for info in plugin_infos() if info.status == "failed"]
    except RecframeError:
        return ""
    return f"\n  (plugins that failed to load: {', '.join(failed)}; see `recframe plugins`)" if failed else ""


def _dispatch(given: list[str], traced: bool) -> int:
    first = given[0] if given else ""
    if first == "train":
        return _train(given[1:], traced)
    if first in COMMANDS:
        return COMMANDS[first](given[1:])
    if first == "--version":
        print(f"recframe {own_version()}")
        return 0
    # Overrides have a `=` (or a ~ in front), flags a dash: any other first word is meant as a command.
    if first and "=" not in first and not first.startswith(("-", "~", "+")):
        raise RecframeError(f"no command {first!r}{listing(first, COMMANDS, 'The commands are')}")
    return _train(given, traced)


def _train(given: list[str], traced: bool) -> int:
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

    from recframe.config import CONFIG_MODULE, CONFIG_NAME, register, to_spec

    register()

    def task(config: Any) -> None:
        job = HydraConfig.get()
        folder, several = Path(job.runtime.output_dir), job.mode == RunMode.MULTIRUN
        if several:
            print(f"· run {job.job.num}: {' '.join(job.overrides.task)}, in {folder}", file=sys.stderr)
        try:
            spec = to_spec(config, overrides=job.overrides.task, say=_say)
            from recframe.training.startup import load_tensorflow

            load_tensorflow()
            from recframe.training.commands import train_and_report

            train_and_report(spec, folder)
        except BaseException as error:
            _remove_if_empty(folder)
            stop = _stop_behind(error)
            if stop is not None and stop is not error:
                for note in _notes(error):
                    stop.add_note(note)
                raise stop from None
            if not isinstance(error, Exception):
                raise
            # Told here, since Hydra writes lines of its own about an exception, and a launcher may run this elsewhere.
            code = _report(error, given, traced)
            # Of several jobs the others still run: Hydra keeps an exception until then, and lets an exit through.
            raise _Told(code) if several else SystemExit(code) from None

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
    return 0


def _say(note: str) -> None:
    print(f"· {note}", file=sys.stderr)


def _remove_if_empty(folder: Path) -> None:
    """Take away the folder that Hydra made for a run that never began."""
    if folder != Path.cwd():
        with contextlib.suppress(OSError):  # not empty, as it should be
            folder.rmdir()


def _plan(given: list[str]) -> int:
    from recframe.config import compose

    spec = compose(given, _say)
    from recframe.training.startup import load_tensorflow

    load_tensorflow()
    from recframe.training.plan import print_plan

    print_plan(spec)
    return 0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise RecframeError(f"{message}\n  {self.format_usage().strip()}")


def _parser(command: str, about: str) -> _Parser:
    return _Parser(prog=f"recframe {command}", description=about)


def _folder(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise RecframeError(f"{text}: no such folder")
    return path


def _evaluate(given: list[str]) -> int:
    parser = _parser("evaluate", "Measure a finished or stopped run again.")
    parser.add_argument("run", help="run folder")
    folder = _folder(parser.parse_args(given).run)
    from recframe.training.startup import load_tensorflow

    load_tensorflow()
    from recframe.training.commands import evaluate_run

    evaluate_run(folder)
    return 0


def _export(given: list[str]) -> int:
    parser = _parser("export", "Export a finished or stopped run again.")
    parser.add_argument("run", help="run folder")
    parser.add_argument("overrides", nargs="*", metavar="exporters=[NAME,...]", help="instead of those of the run")
    known = parser.parse_args(given)
    folder = _folder(known.run)
    from recframe.config import exporters_of

    exporters = exporters_of(known.overrides)
    from recframe.training.startup import load_tensorflow

    load_tensorflow()
    from recframe.training.commands import export_run

    export_run(folder, exporters)
    return 0


def _recommend(given: list[str]) -> int:
    parser = _parser("recommend", "Try an exported bundle.")
    parser.add_argument("bundle", help="the export/ folder of a run")
    parser.add_argument("--history", nargs="+", required=True, metavar="ID", help="items, oldest first")
    parser.add_argument("--k", type=int, help="how many to print; the model's number of predictions by default")
    known = parser.parse_args(given)
    bundle = _folder(known.bundle)
    from recframe.runtime.cli import recommend

    recommend(bundle, known.history, known.k)
    return 0


def _plugins(given: list[str]) -> int:
    parser = _parser("plugins", "List the plugins, also those that failed.")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--kind", choices=[*KINDS, *KINDS.values()], help="only plugins that give this kind")
    known = parser.parse_args(given)
    from recframe.listing import print_plugins

    print_plugins(known.kind, known.json)
    return 0


def _describe(given: list[str]) -> int:
    parser = _parser("describe", "Show the options of a contribution.")
    parser.add_argument("name", metavar="KIND/NAME", help="as encoder/cnn")
    parser.add_argument("--json", action="store_true", help="for programs")
    known = parser.parse_args(given)
    from recframe.listing import print_description

    print_description(known.name, known.json)
    return 0


def _check(given: list[str]) -> int:
    parser = _parser("check", "Run the contract suites on what a plugin contributes.")
    parser.add_argument("distribution", help="as recframe-gru")
    known = parser.parse_args(given)
    from recframe.training.startup import load_tensorflow

    load_tensorflow()
    from recframe.testing.runner import check

    return int(check(known.distribution))


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "train": lambda given: _train(given, traced=False),
    "evaluate": _evaluate,
    "export": _export,
    "recommend": _recommend,
    "plan": _plan,
    "plugins": _plugins,
    "describe": _describe,
    "check": _check,
}
