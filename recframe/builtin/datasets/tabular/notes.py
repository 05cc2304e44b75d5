"""What a look at the whole of the data tells that no single row does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np

from recframe.builtin.datasets.tabular.times import NANOSECONDS

_EARLY = 631_152_000  # 1990: few shops have sold anything on line before
_LATEST = 253_402_300_799  # the last second of the year 9999


def times_note(timestamps: np.ndarray, unit: str) -> str:
    """The first and the last day, and what to look at where all lie long ago: a wrong unit still gives times."""
    first, last = int(timestamps.min()), int(timestamps.max())
    span = f"times from {_day(first)} to {_day(last)}"
    if last >= _EARLY:
        return span
    return (
        f"{span}, all before 1990: is dataset.time_unit={unit} right? A day such as 20240101 must be written "
        "2024-01-01, and the days that spreadsheets count are no times"
    )


def cut_time_note(name: str, times: np.ndarray) -> str | None:
    """A note where the last time of a file, whose last line does not end, has fewer digits than any other.

    Args:
        times: int64 nanoseconds.
    """
    if len(times) < 2 or int(times[-1]) * 10 > int(times[:-1].min()):
        return None
    day = _day(int(times[-1]) // NANOSECONDS)
    return f"the last line of {name} has no line end, and its time is far before all others ({day}): was the file cut?"


def equal_title_notes(ids: np.ndarray, titles: np.ndarray | None) -> Iterator[str]:
    """A note where items have the title of another, with an example and both ids."""
    if titles is None or titles.dtype.kind != "U":
        return
    once, counts = np.unique(titles, return_counts=True)
    shared = np.flatnonzero((counts > 1) & (once != ""))
    if len(shared):
        title = str(once[shared[0]])
        first, second = ids[titles == title][:2].tolist()
        several = "titles stand" if len(shared) > 1 else "title stands"
        yield (
            f"{len(shared):,} {several} for several items each, such as {title!r} for {first!r} and {second!r}: such "
            "items are asked for by id"
        )


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(min(seconds, _LATEST), UTC).date().isoformat()
