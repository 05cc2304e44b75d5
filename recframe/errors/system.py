"""Errors of the machine, which are nobody's mistake: no memory, no room on the disk."""

from __future__ import annotations

import errno
import os


def out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, in Python or in TensorFlow."""
    # TensorFlow's error has no name here: it may not be installed.
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"


def full_disk(error: BaseException) -> str | None:
    """` for FILE` if the disk is full, empty if the file is unknown; None for any other error."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f" for {error.filename}" if error.filename else ""
    # h5py and TensorFlow have errors of their own, with the system's words in them.
    if os.strerror(errno.ENOSPC) in str(error):
        return ""
    return full_disk(error.__cause__) if error.__cause__ else None
