"""Interactions of MovieLens-25M's shape, from a Parquet file to trainable sequences with vocabularies.

python benchmarks/large.py [MILLIONS ...]    # 1 5 25 where none is given

The file is made up (162,541 users, 59,047 items; users and items by popularity, in the order of time) in a temporary
folder. Each size is measured in a process of its own: seconds on the clock and of the processor, and its largest
resident memory, libraries included. It asserts nothing.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

USERS, ITEMS = 162_541, 59_047
SIZES = (1, 5, 25)


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
    start, used = time.perf_counter(), time.process_time()
    context = DatasetContext(seed=1, cache=Path(path).parent)
    interactions = registries.datasets["tabular"].load(spec.dataset.options, context)
    loaded, loaded_used = time.perf_counter(), time.process_time()
    data = prepare(spec, registries, interactions)
    figures = {
        "events": interactions.num_events,
        "labels": data.num_labels,
        "load": loaded - start,
        "prepare": time.perf_counter() - loaded,
        "load_cpu": loaded_used - used,
        "cpu": time.process_time() - used,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(figures))


def main(sizes: list[float]) -> None:
    print(f"{platform.machine()}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")
    print("| events | load | prepare | together, cpu | cpu an event | peak memory |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = Path(folder) / "ratings.parquet"
            subprocess.run([sys.executable, __file__, "make", str(path), str(round(size * 1e6))], check=True)
            command = [sys.executable, __file__, "measure", str(path)]
            row = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            print(
                f"| {row['events']:,} | {row['load']:.1f} s | {row['prepare']:.1f} s | {row['cpu']:.1f} s | "
                f"{row['cpu'] / row['events'] * 1e9:,.0f} ns | {row['peak']:,.0f} MB |",
                flush=True,
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["make"]:
        make(Path(sys.argv[2]), int(sys.argv[3]))
    elif sys.argv[1:2] == ["measure"]:
        measure(sys.argv[2])
    else:
        main([float(size) for size in sys.argv[1:]] or list(SIZES))
