"""Reads how much memory the process can still use, so that work that cannot fit is refused before it starts."""

from __future__ import annotations

import os
from pathlib import Path

#: Linux: the files with the memory limit and the memory use of a container, for control groups of version 2 and 1.
_GROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)


def free_memory() -> int | None:
    """Bytes that can be allocated without swapping; None if the system does not report them."""
    known = [bytes_ for bytes_ in (_of_machine(), *map(_of_group, _GROUPS)) if bytes_ is not None]
    return min(known) if known else None


def gigabytes(size: float) -> str:
    """A size as text, such as `1.5 GB`, where 1 GB is 10^9 bytes."""
    return f"{size / 1e9:,.1f} GB"


def _of_machine() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError, IndexError):
        pass
    try:  # macOS reports the total memory, and not how much of it is free
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def _of_group(files: tuple[str, str]) -> int | None:
    try:
        limit, used = (Path(file).read_text(encoding="ascii").strip() for file in files)
        # The cache of files counts as used but is freed when needed. So at least half of the limit counts as free.
        return max(int(limit) - int(used), int(limit) // 2) if limit != "max" else None
    except (OSError, ValueError):
        return None
