"""Interactions of MovieLens-25M's shape, from a Parquet file to trainable sequences with vocabularies.

The file is made up (162,541 users, 59,047 items; users and items by popularity, in the order of time) in a temporary
folder. Each size is measured in a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.machine import Work
from benchmarks.scale import Scale
from benchmarks.tables import Row, Table, goal, table_of
from benchmarks.timing import cpu_clock, of_pairs, peak_mb

INTRO = (
    "A made-up Parquet file of MovieLens-25M's shape, read and made ready to train on, by a process of its own. The "
    "bound is a copy of the columns, once: users, items, times and ratings read from the file's pages and written in "
    "the order of users and time."
)
USERS, ITEMS = 162_541, 59_047
#: Events: a base, times 5 and times 25; and the whole.
SIZES, WHOLE = (200_000, 1_000_000, 5_000_000), 25_000_000
#: Bytes of an event's user, item, time and rating.
EVENT = 8 + 8 + 8 + 4
#: Seconds and MB that were asked for with the whole.
SECONDS, MEGABYTES = 5, 1_200


def draw(rows: int, users: int, items: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """User from 0, item from 0 and Unix time of each event, int64 [rows], in the order of time.

    Both have a long tail, as in MovieLens: some users have many events, and some items.
    """
    rng = np.random.default_rng(0)
    lengths = rng.gamma(0.8, size=users)
    user = np.searchsorted(np.cumsum(lengths) / lengths.sum(), rng.random(rows)).clip(0, users - 1)
    item = (items * rng.random(rows) ** 3).astype(np.int64)
    return user, item, np.sort(rng.integers(789_652_009, 1_574_327_703, rows))


def make(path: Path, rows: int) -> None:
    """Write `rows` events; smaller files have fewer users, so that histories are as long."""
    import polars as pl

    user, item, seconds = draw(rows, max(1, round(USERS * rows / 25_000_000)), ITEMS)
    rating = np.random.default_rng(1).integers(1, 11, rows) / 2
    columns = {"userId": user + 1, "movieId": 3 * item + 1, "rating": rating.astype(np.float32), "timestamp": seconds}
    pl.DataFrame(columns).write_parquet(path)


def measure(path: str) -> None:
    """Load and prepare, and print what it took as JSON."""
    import recframe
    from recframe.data.prepare import prepare
    from recframe.plugin.types import DatasetContext

    columns = ["dataset.columns.user=userId", "dataset.columns.item=movieId", "dataset.columns.rating=rating"]
    spec = recframe.compose(["dataset=tabular", f"dataset.path={path}", *columns])
    registries = recframe.load_plugins()
    start, used = time.perf_counter(), cpu_clock()
    context = DatasetContext(seed=1, cache=Path(path).parent)
    interactions = registries.datasets["tabular"].load(spec.dataset.options, context)
    loaded = cpu_clock()
    prepare(spec, registries, interactions)
    figures = {
        "load_cpu": loaded - used,
        "cpu": cpu_clock() - used,
        "wall": time.perf_counter() - start,
        "peak": peak_mb(),
    }
    print(json.dumps(figures))


def _row(events: int, repeats: int, folder: Path) -> Row:
    path = folder / "ratings.parquet"
    subprocess.run([sys.executable, "-m", "benchmarks.data", "make", str(path), str(events)], check=True)
    command = [sys.executable, "-m", "benchmarks.data", "measure", str(path)]
    runs = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout) for _ in range(repeats)
    ]
    time = of_pairs([(run["cpu"] / events, run["wall"] / events) for run in runs])
    wall, peak = time.wall.median * events, max(run["peak"] for run in runs)
    remarks = [f"{time.cpu.median * events:.1f} s of CPU, {wall:.1f} s, peak {peak:,.0f} MB with the libraries"]
    if events == WHOLE:
        asked = f"{SECONDS} s and {MEGABYTES:,} MB"
        remarks.append(goal(asked, wall <= SECONDS and peak <= MEGABYTES))
    reading = sorted(run["load_cpu"] for run in runs)[repeats // 2] / events
    bound = Work(moved=((2 * EVENT * events, 1 / events),)).seconds()
    parts = {"reading the file, ids and the order": reading}
    return Row(f"{events:,} events", "event", time, bound, parts, "split and vocabularies", remarks=tuple(remarks))


def rows(scale: Scale) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        for events in (*scale.of(SIZES, (2_000,)), *([WHOLE] if scale.large else [])):
            yield _row(events, scale.repeats, Path(folder))


def table(scale: Scale) -> Table:
    return table_of("Data", INTRO, list(rows(scale)))


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        measure(sys.argv[2])
