"""Loads one plugin: imports it, calls its hooks, and checks what they yield. No failure ends the command."""

from __future__ import annotations

import contextlib
import io
import logging
import time
from collections.abc import Iterator, Sequence

from attrs import frozen

from recframe.errors import PluginError
from recframe.errors.terminal import printable
from recframe.plugin.finding import Candidate
from recframe.plugin.function_arguments import require_arguments
from recframe.plugin.hook_results import contributions_of
from recframe.plugin.option_classes import require_plain_options
from recframe.plugin.origin import place_in, placed
from recframe.plugin.types import Contribution
from recframe.process.native_output import quiet_native_output, quiet_native_stdout

#: Seconds from which `recframe plugins` shows how long a plugin took, and from which every command says so.
SLOW, VERY_SLOW = 0.5, 3.0
_log = logging.getLogger("recframe")


@frozen
class Outcome:
    """The outcome of loading one candidate.

    Attributes:
        contributions: Empty if it failed or is disabled.
        status: `ok`, `failed` or `disabled`.
        notes: Warnings for its author.
    """

    candidate: Candidate
    contributions: Sequence[Contribution] = ()
    status: str = "ok"
    error: str | None = None
    notes: Sequence[str] = ()
    seconds: float = 0.0


def load_one(candidate: Candidate, strict: bool) -> Outcome:
    """Import a plugin and call its hooks.

    Args:
        strict: Whether a failure raises PluginError. Otherwise the outcome holds it.
    """
    start, printed = time.perf_counter(), io.StringIO()
    try:
        with contextlib.nullcontext() if candidate.provider.builtin else _captured_output(printed):
            contributions, notes = contributions_of(candidate.load())
            for contribution in [] if candidate.provider.builtin else contributions:  # tests check the built-ins
                require_arguments(contribution)
                with placed(contribution.options):
                    require_plain_options(contribution)
    except (Exception, SystemExit) as failure:  # no failure of a plugin may end the command
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
    """The outcome of a plugin that fails. With `strict` it raises PluginError instead."""
    reason = failure.msg if isinstance(failure, SyntaxError) else str(failure)
    error = reason if isinstance(failure, PluginError) else f"{type(failure).__name__}: {reason}"
    if place := place_in(failure, candidate.package) or getattr(failure, "place", None):
        error += f" ({place})"
    if strict:
        raise PluginError(f"plugin {candidate.name!r} ({candidate.provider}) failed: {error}") from failure
    return Outcome(candidate, status="failed", error=error)


@contextlib.contextmanager
def _captured_output(printed: io.StringIO) -> Iterator[None]:
    """Keep the output of a plugin apart from ours: programs read the output of `recframe plugins --json`."""
    with quiet_native_stdout(), quiet_native_output(), contextlib.redirect_stdout(printed):
        yield
