"""Loads one plugin: imports it, asks its hooks, and looks at what it yields. Nothing that it does ends the command."""

from __future__ import annotations

import contextlib
import io
import logging
import time
import traceback
from collections.abc import Iterator, Sequence

from attrs import frozen

from recframe.errors import PluginError
from recframe.errors.terminal import printable
from recframe.plugin.finding import Candidate
from recframe.plugin.hook_results import contributions_of
from recframe.plugin.option_classes import require_plain_options
from recframe.plugin.types import Contribution
from recframe.process.native_output import quiet_native_output, quiet_native_stdout

#: Seconds from which `recframe plugins` shows how long a plugin took, and from which every command says so.
SLOW, VERY_SLOW = 0.5, 3.0
_log = logging.getLogger("recframe")


@frozen
class Outcome:
    """What became of one candidate.

    Attributes:
        contributions: None, where it failed or was not to be loaded.
        status: `ok`, `failed` or `disabled`.
        notes: What its author may want to know.
    """

    candidate: Candidate
    contributions: Sequence[Contribution] = ()
    status: str = "ok"
    error: str | None = None
    notes: Sequence[str] = ()
    seconds: float = 0.0


def load_one(candidate: Candidate, strict: bool) -> Outcome:
    """Import a plugin and ask its hooks.

    Args:
        strict: Raise PluginError where that fails; else the outcome says so.
    """
    start, printed = time.perf_counter(), io.StringIO()
    try:
        with contextlib.nullcontext() if candidate.provider.builtin else _apart(printed):
            contributions, notes = contributions_of(candidate.load())
            for contribution in [] if candidate.provider.builtin else contributions:  # the tests look at the built-ins
                require_plain_options(contribution)
    except (Exception, SystemExit) as failure:  # whatever a plugin does at import must not end the command
        return failed(candidate, failure, strict)
    seconds = time.perf_counter() - start
    if text := printed.getvalue().strip():
        notes.append(f"prints while it is loaded, which is not shown: {printable(text.splitlines()[0])[:80]!r}")
    if seconds >= VERY_SLOW and not candidate.provider.builtin:
        _log.warning(
            f"plugin {candidate.name!r} ({candidate.provider}) took {seconds:.1f} s to load, as it does in every "
            "command; it should import what is large inside its functions"
        )
    return Outcome(candidate, contributions, notes=notes, seconds=seconds)


def failed(candidate: Candidate, failure: BaseException, strict: bool) -> Outcome:
    """The outcome of a plugin that fails; raises PluginError where the first failure is to be raised."""
    reason = failure.msg if isinstance(failure, SyntaxError) else str(failure)
    error = reason if isinstance(failure, PluginError) else f"{type(failure).__name__}: {reason}"
    if place := _place_in(failure, candidate.package):
        error += f" ({place})"
    if strict:
        raise PluginError(f"plugin {candidate.name!r} ({candidate.provider}) failed: {error}") from failure
    return Outcome(candidate, status="failed", error=error)


@contextlib.contextmanager
def _apart(printed: io.StringIO) -> Iterator[None]:
    """What a plugin writes stays out of our results: `recframe plugins --json` is read by programs."""
    with quiet_native_stdout(), quiet_native_output(), contextlib.redirect_stdout(printed):
        yield


def _place_in(error: BaseException, package: str) -> str | None:
    """FILE:LINE of the innermost frame of a package; None where the error passed through none."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    places = [
        f"{frame.f_code.co_filename}:{line}"
        for frame, line in traceback.walk_tb(error.__traceback__)
        if str(frame.f_globals.get("__name__")).partition(".")[0] == package
    ]
    return places[-1] if places else None
