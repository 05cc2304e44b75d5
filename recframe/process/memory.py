"""How much memory a process may still take, so that what cannot fit is refused before it is begun."""

from __future__ import annotations

import os
from pathlib import Path

#: Where Linux says what a container may take, and what it has taken: of control groups of version 2 and 1.
_GROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)


def free_memory() -> int | None:
    """Bytes that can still be taken without swapping; None where the system does not say."""
    known = [bytes_ for bytes_ in (_of_machine(), *map(_of_group, _GROUPS)) if bytes_ is not None]
    return min(known) if known else None


def gigabytes(size: float) -> str:
    """`1.5 GB`, of 10^9 bytes."""
    return f"{size / 1e9:,.1f} GB"


def _of_machine() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError, IndexError):
        pass
    try:  # macOS says how much there is, and not how much of it is free
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def _of_group(files: tuple[str, str]) -> int | None:
    try:
        most, taken = (Path(file).read_text(encoding="ascii").strip() for file in files)
        # What a group has read of files counts as taken, and is given back when it is needed: half at most is left out.
        return max(int(most) - int(taken), int(most) // 2) if most != "max" else None
    except (OSError, ValueError):
        return None
