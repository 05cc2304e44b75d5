"""Notes on the whole data, for problems that no single row shows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np

from recframe.builtin.datasets.tabular.times import NANOSECONDS

_EARLY = 631_152_000  # 1990; earlier data is unlikely
_LATEST = 253_402_300_799  # the last second of the year 9999


def times_note(timestamps: np.ndarray, unit: str) -> str:
    """The first and the last day. If all are before 1990, the note asks whether the unit is right."""
    first, last = int(timestamps.min()), int(timestamps.max())
    span = f"times from {_day(first)} to {_day(last)}"
    if last >= _EARLY:
        return span
    return (
        f"{span}, all before 1990: is dataset.time_unit={unit} right? A day such as 20240101 must be written as "
        "2024-01-01, and day numbers of spreadsheets are not supported"
    )


def truncated_file_note(name: str, times: np.ndarray) -> str | None:
    """A note if the last time of a file is truncated: it has fewer digits than all others.

    Args:
        times: int64 nanoseconds of a file whose last line has no line end.
    """
    if len(times) < 2 or int(times[-1]) * 10 > int(times[:-1].min()):
        return None
    day = _day(int(times[-1]) // NANOSECONDS)
    return (
        f"the last line of {name} has no line end, and its time is much earlier than all others ({day}): is the file "
        "truncated?"
    )


def equal_title_notes(ids: np.ndarray, titles: np.ndarray | None) -> Iterator[str]:
    """A note if several items have the same title, with an example and two ids."""
    if titles is None or titles.dtype.kind != "U":
        return
    unique, counts = np.unique(titles, return_counts=True)
    shared = np.flatnonzero((counts > 1) & (unique != ""))
    if len(shared):
        title = str(unique[shared[0]])
        first, second = ids[titles == title][:2].tolist()
        several = "titles belong" if len(shared) > 1 else "title belongs"
        yield (
            f"{len(shared):,} {several} to several items, such as {title!r} to {first!r} and {second!r}: requests must "
            "name such items by id"
        )


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(min(seconds, _LATEST), UTC).date().isoformat()
