"""The message and the exit code of a command that fails: 2 if the input is wrong, 1 for anything else."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Sequence

from recframe.commands.stopping import notes_of
from recframe.errors import Problem, RecframeError, missing_dependency
from recframe.errors.system import full_disk, out_of_memory
from recframe.errors.terminal import printable_lines

#: What a user can do if the memory is too small.
_MEMORY_HINT = "lower train.batch_size, evaluation.batch_size, model.history_length or model.width, or take less data"
#: Errors of the operating system about a path that the user named.
PATH_ERRORS = {
    *(errno.ENOENT, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.EROFS),
    *(errno.ENAMETOOLONG, errno.ELOOP, errno.EILSEQ, errno.EBUSY, errno.EXDEV),
}


class ReportedError(Exception):
    """One of several jobs failed, and its message was printed already. The argument is the exit code."""


def report(error: Exception, show_traceback: bool) -> int:
    """Print the message for the user, and return the exit code."""
    message, code = _message(error)
    if show_traceback or code is None:
        traceback.print_exception(error)
    else:
        print(printable_lines("\n  ".join([f"recframe: {message}", *notes_of(error)])), file=sys.stderr)
    return 1 if code is None else code


def _message(error: Exception) -> tuple[str, int | None]:
    """The message for the user, and the exit code; None for an unexpected error."""
    if (place := full_disk(error)) is not None:
        return f"no space left on the disk{place}; free some and try again", 1
    if isinstance(error, OSError) and error.errno in PATH_ERRORS and error.filename:
        return f"{os.fsdecode(error.filename)}: {error.strerror}", 2
    if out_of_memory(error):
        return f"not enough memory ({str(error).partition('[Op')[0].strip() or 'none is left'}); {_MEMORY_HINT}", 2
    if isinstance(error, FloatingPointError):
        return str(error), 2  # the loss is not finite; the training loop raises it with a clear message
    error = missing_dependency(error) or error
    if isinstance(error, RecframeError):
        return _listed(error.mistakes), 2
    return "", None


def _listed(mistakes: Sequence[Problem]) -> str:
    lines = [str(mistake) for mistake in mistakes]
    text = lines[0] if len(lines) == 1 else "\n  ".join([f"{len(lines)} problems:", *lines])
    return text + (_failed_plugins() if any(mistake.unknown for mistake in mistakes) else "")


def _failed_plugins() -> str:
    """A hint at the plugins that failed to load, which are often why a name is unknown."""
    try:
        from recframe.plugin.manager import plugin_infos
    except ImportError:  # only the runtime is installed, which has no plugins
        return ""
    try:
        failed = [info.name for info in plugin_infos() if info.status == "failed"]
    except RecframeError:
        return ""
    return f"\n  (plugins that failed to load: {', '.join(failed)}; see `recframe plugins`)" if failed else ""
