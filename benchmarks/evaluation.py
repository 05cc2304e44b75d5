"""How many histories a second are ranked over catalogues of three sizes, compared with a matrix product alone.

python -m benchmarks.evaluation [--items 3416,100000,1000000] [--widths 8,64] [--events 2000000] [--baselines]

The events are made up, about 30 for each user. The model is a BOW with its first weights. Every test label is ranked
among all items, with and without the items that its user had, and the best 10 items are computed. The bound is the CPU
time that BLAS needs for the same scores, in blocks of the same size and on one thread. It is measured in the same run.
Figures are CPU time of this process, since other processes on the machine change the wall time. It asserts nothing.
"""

from __future__ import annotations

import argparse
import functools
import os
import platform
import resource
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
from threadpoolctl import threadpool_limits

import recframe
from benchmarks.large import draw
from recframe.data.prepare import PreparedData, prepare
from recframe.data.splits import TEST
from recframe.evaluation.baselines import BASELINES
from recframe.evaluation.keras_scorer import KerasScorer
from recframe.evaluation.list_metrics import ItemStatistics
from recframe.evaluation.ranking import rank_targets
from recframe.evaluation.scorers import TargetScorer, tile_of
from recframe.interactions.interactions import Interactions
from recframe.model.dual_encoder import build_model
from recframe.spec.experiment import ExperimentSpec

EVENTS_PER_USER = 30
REPEATS = 3
#: A measurement makes at least so many scores, and ranks at most so many histories.
LEAST_SCORES, MOST_HISTORIES = 4_000_000_000, 60_000


def cpu_seconds(work: Callable[[], object]) -> float:
    """The median of some repeats. A call before them compiles."""
    work()
    seconds = []
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return statistics.median(seconds)


def prepared(spec: ExperimentSpec, events: int, items: int) -> PreparedData:
    user, item, seconds = draw(events, events // EVENTS_PER_USER, items)
    data = Interactions.from_columns(user, item, seconds, {"id": np.arange(items)})
    return prepare(spec, recframe.load_plugins(), data)


def blas_seconds(batch: int, labels: int, width: int) -> float:
    """CPU seconds for the scores of one history: the matrix products that evaluation makes, and nothing else."""
    tile = tile_of(batch, labels)
    rng = np.random.default_rng(0)
    vectors, table = (rng.normal(size=(n, width)).astype(np.float32) for n in (tile.rows, labels))
    out = np.empty(tile.rows * tile.columns, np.float32)

    def products() -> None:
        for at in range(0, labels, tile.columns):
            block = table[at : at + tile.columns]
            np.matmul(vectors, block.T, out=out[: tile.rows * len(block)].reshape(tile.rows, -1))

    times = max(1, LEAST_SCORES // 8 // (labels * tile.rows))
    with threadpool_limits(1, user_api="blas"):
        return cpu_seconds(lambda: [products() for _ in range(times)]) / times / tile.rows


def measure(items: int, width: int, events: int, with_baselines: bool) -> None:
    spec = recframe.compose(["encoder=bow", f"model.width={width}", "evaluation.top_k=[10]"])
    data, batch = prepared(spec, events, items), spec.evaluation.batch_size
    targets = data.targets(TEST)[: min(MOST_HISTORIES, max(2 * batch, LEAST_SCORES // items))]
    model = build_model(spec, recframe.load_plugins(), data.features, data.num_labels)
    lists = ItemStatistics.of(data, None)
    bound = blas_seconds(batch, data.num_labels, width)
    scorers: dict[str, TargetScorer] = {"model": KerasScorer(model, batch).by_target(data)}
    if with_baselines:
        scorers |= {name: build(data, spec.evaluation) for name, build in BASELINES.items()}
    for name, scorer in scorers.items():
        for work, item_statistics in (("ranks", None), ("ranks and lists", lists)):
            ranked = functools.partial(rank_targets, scorer, data, targets, (10,), batch, item_statistics)
            seconds = cpu_seconds(ranked) / len(targets)
            compared = f"{bound * 1e6:.1f} | {seconds / bound:.2f}" if name == "model" else "- | -"
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
            speed = (os.cpu_count() or 1) / seconds
            print(
                f"| {items:,} | {width} | {name}: {work} | {seconds * 1e6:.1f} | {compared} | {speed:,.0f} | {peak:,} |"
            )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", default="3416,100000,1000000")
    parser.add_argument("--widths", default="8,64")
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--baselines", action="store_true", help="measure the comparators too")
    arguments = parser.parse_args()
    cores = os.cpu_count()
    print(f"{platform.machine()}, {cores} cores, load average {os.getloadavg()[0]:.1f}, medians of {REPEATS}")
    print(f"| items | width | work | us of CPU a history | bound | ratio | histories/s on {cores} cores | peak MB |")
    print("|---|---|---|---|---|---|---|---|")
    for items in map(int, arguments.items.split(",")):
        for width in map(int, arguments.widths.split(",")):
            measure(items, width, arguments.events, arguments.baselines)


if __name__ == "__main__":
    main()
