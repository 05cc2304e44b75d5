"""Whose code it is: an error out of a plugin's code names the plugin, the contribution, and the line."""

from __future__ import annotations

import inspect
import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from recframe.errors import PluginError, RecframeError
from recframe.errors.system import full_disk, out_of_memory
from recframe.plugin.types import Contribution


@contextmanager
def blamed(contribution: Contribution, doing: str) -> Iterator[None]:
    """In the block runs code of the contribution. An error there becomes a PluginError that says whose it is.

    Errors that a plugin raises on purpose stay as they are, and so do those of the machine. A built-in contribution is
    never blamed: its traceback is what its developers need.

    Args:
        doing: When the code runs, as the message says it: "in `build`", "when its layer is called".

    Raises:
        PluginError: with who, when, the error's first line, and the place in the plugin's code.
    """
    try:
        yield
    except Exception as error:
        origin = contribution.origin
        if origin is None or isinstance(error, RecframeError) or out_of_memory(error) or full_disk(error) is not None:
            raise
        failure = f"fails {doing}: {reason_of(error)}"
        raise PluginError(_message(contribution, failure, place_in(error, origin.package))) from error


def refusal(contribution: Contribution, fault: str, function: Callable[..., Any] | None = None) -> PluginError:
    """The error for a contribution that breaks its contract without raising anything.

    Args:
        fault: What it does and what is expected, as "gives None in `encode`; expected an EncodedFeature".
        function: Of the contribution, which does so; its place is told.
    """
    return PluginError(_message(contribution, fault, place_of(function) if function else None))


def provider_of(contribution: Contribution) -> str:
    """`loss 'bad' of recframe-bad 0.1.0`; without a plugin where none is known."""
    origin = contribution.origin
    who = f"{contribution.kind} {contribution.name!r}"
    return f"{who} of {origin.provider}" if origin else who


def whereabouts(contribution: Contribution, function: Callable[..., Any]) -> str:
    """at FILE:LINE, and how to test it, for a list of suspects; empty for a contribution that no plugin provides."""
    if contribution.origin is None:
        return ""
    command = _command(contribution)
    return f" at {place_of(function)}" + (f", tested in detail by {command}" if command else "")


def _message(contribution: Contribution, fault: str, place: str | None) -> str:
    command = _command(contribution)
    where = f" ({place})" if place else ""
    return f"{provider_of(contribution)} {fault}{where}" + (f"; {command} tests it in detail" if command else "")


def _command(contribution: Contribution) -> str:
    """The command that tests the plugin of a contribution; empty where nothing is installed."""
    origin = contribution.origin
    return "" if origin is None or origin.provider.given else f"`recframe check {origin.provider.distribution}`"


def reason_of(error: BaseException) -> str:
    """`ValueError: the first line of its message`."""
    # Keras puts the reason in bold between lines of its own.
    bold = re.search(r"\x1b\[1m(.*?)\x1b\[0m", str(error), re.DOTALL)
    lines = (bold.group(1) if bold else str(error)).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def place_in(error: BaseException, package: str) -> str | None:
    """FILE:LINE of the innermost frame of a package; None where the error passed through none."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    places = [
        f"{frame.f_code.co_filename}:{line}"
        for frame, line in traceback.walk_tb(error.__traceback__)
        if str(frame.f_globals.get("__name__")).partition(".")[0] == package
    ]
    return places[-1] if places else None


@contextmanager
def placed(code: Callable[..., Any] | type) -> Iterator[None]:
    """Set the `place` of a PluginError that the block raises to that of a function or class."""
    try:
        yield
    except PluginError as error:
        error.place = place_of(code)
        raise


def place_of(code: Callable[..., Any] | type) -> str | None:
    """FILE:LINE where a function or class is defined; None if that is unknown."""
    if isinstance(code, type):
        try:
            return f"{inspect.getsourcefile(code)}:{inspect.getsourcelines(code)[1]}"
        except (OSError, TypeError):
            return None
    bare: Any = inspect.unwrap(code)
    bare = getattr(bare, "func", bare)  # of a functools.partial
    compiled = getattr(bare, "__code__", None)
    return f"{compiled.co_filename}:{compiled.co_firstlineno}" if compiled else None
