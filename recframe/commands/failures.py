"""What the user reads where a command fails, and the exit code: 2 where the input is wrong, 1 for anything else."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Sequence

from recframe.commands.stopping import notes_of
from recframe.errors import Problem, RecframeError, missing_dependency
from recframe.errors.terminal import printable_lines

#: What a user can do about memory.
_LESS = "lower train.batch_size, evaluation.batch_size, model.history_length or model.width, or take less data"
#: Errors of the system about a path that the user named.
UNUSABLE = {
    *(errno.ENOENT, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.EROFS),
    *(errno.ENAMETOOLONG, errno.ELOOP, errno.EILSEQ, errno.EBUSY, errno.EXDEV),
}


class ReportedError(Exception):
    """One of several jobs failed, and its message has been printed. Holds the exit code."""


def report(error: Exception, traced: bool) -> int:
    """Tell the user, and return the exit code."""
    message, code = _message(error)
    if traced or code is None:
        traceback.print_exception(error)
    else:
        print(printable_lines("\n  ".join([f"recframe: {message}", *notes_of(error)])), file=sys.stderr)
    return 1 if code is None else code


def _message(error: Exception) -> tuple[str, int | None]:
    """What the user reads, and the exit code; no code for an unforeseen error."""
    if (place := _full_disk(error)) is not None:
        return f"no space left on the disk{place}; free some and try again", 1
    if isinstance(error, OSError) and error.errno in UNUSABLE and error.filename:
        return f"{os.fsdecode(error.filename)}: {error.strerror}", 2
    # TensorFlow's error has no name here: it may not be installed.
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return f"not enough memory ({str(error).partition('[Op')[0].strip() or 'none is left'}); {_LESS}", 2
    if isinstance(error, FloatingPointError):
        return str(error), 2  # the loss, which the training loop has looked at
    error = missing_dependency(error) or error
    if isinstance(error, RecframeError):
        return _listed(error.mistakes), 2
    return "", None


def _listed(mistakes: Sequence[Problem]) -> str:
    lines = [str(mistake) for mistake in mistakes]
    text = lines[0] if len(lines) == 1 else "\n  ".join([f"{len(lines)} problems:", *lines])
    return text + (_failed_plugins() if any(mistake.unknown for mistake in mistakes) else "")


def _full_disk(error: BaseException) -> str | None:
    """` for FILE` if the disk is full, empty if the file is unknown; None for any other error."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f" for {error.filename}" if error.filename else ""
    # h5py and TensorFlow have errors of their own, with the system's words in them.
    if os.strerror(errno.ENOSPC) in str(error):
        return ""
    return _full_disk(error.__cause__) if error.__cause__ else None


def _failed_plugins() -> str:
    """A plugin that failed to load is often why a name is unknown."""
    try:
        from recframe.plugin.manager import plugin_infos
    except ImportError:  # the runtime alone is installed, which knows no plugins
        return ""
    try:
        failed = [info.name for info in plugin_infos() if info.status == "failed"]
    except RecframeError:
        return ""
    return f"\n  (plugins that failed to load: {', '.join(failed)}; see `recframe plugins`)" if failed else ""
