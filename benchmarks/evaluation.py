"""How many users a second are ranked over a large catalogue: 100,000 users of 27,000 items, as in MovieLens-20M.

python -m benchmarks.evaluation [--users N] [--items N] [--widths 8,32]

The events are made up, 144 of a user at the mean; the model is a BOW with its first weights. Every label is ranked
among all items and among those that its user has not had. The whole is over all users, a stage alone over some of them
in one Python thread; TensorFlow scores with as many threads as there are cores. It asserts nothing.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable
from typing import TypeVar

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
from threadpoolctl import threadpool_limits

import recframe
from benchmarks.large import draw
from recframe.data.prepare import PreparedData, prepare
from recframe.data.splits import TEST
from recframe.evaluation.block_ranking import Block, BlockRanking
from recframe.evaluation.keras_scorer import KerasScorer
from recframe.evaluation.list_metrics import ItemFacts, ListFigures
from recframe.evaluation.ranking import rank_targets, seen_labels
from recframe.evaluation.scorers import rows_at_once
from recframe.interactions.interactions import Interactions
from recframe.model.dual_encoder import build_model
from recframe.spec.experiment import ExperimentSpec

T = TypeVar("T")
EVENTS_PER_USER = 144
#: Users on whom each stage is measured alone.
SOME = 8_192


class Stages:
    """Seconds on the clock and of the processor by stage."""

    def __init__(self) -> None:
        self.taken: dict[str, tuple[float, float, int]] = {}

    def run(self, name: str, users: int, work: Callable[..., T], *arguments: object) -> T:
        """Do the work on the arguments, and add what it took to its stage."""
        wall, cpu = time.perf_counter(), time.process_time()
        result = work(*arguments)
        before = self.taken.get(name, (0.0, 0.0, 0))
        taken = (time.perf_counter() - wall, time.process_time() - cpu, users)
        self.taken[name] = (before[0] + taken[0], before[1] + taken[1], before[2] + taken[2])
        return result

    def print(self, width: int) -> None:
        for name, (wall, cpu, users) in self.taken.items():
            print(f"| {width} | {name} | {users / wall:,.0f} | {wall / users * 1e6:.1f} | {cpu / users * 1e6:.1f} |")


def prepared(spec: ExperimentSpec, users: int, items: int) -> PreparedData:
    user, item, seconds = draw(users * EVENTS_PER_USER, users, items)
    data = Interactions.from_columns(user, item, seconds, {"id": np.arange(items)})
    return prepare(spec, recframe.load_plugins(), data)


def stages(spec: ExperimentSpec, data: PreparedData) -> Stages:
    """Rank all test targets, and measure the stages on some."""
    cutoffs, targets = spec.evaluation.top_k, data.targets(TEST)
    batch = spec.evaluation.batch_size
    size = rows_at_once(batch, data.num_labels)
    model = build_model(spec, recframe.load_plugins(), data.features, data.num_labels)
    scores, facts, done = KerasScorer(model, batch).by_target(data), ItemFacts.of(data, None), Stages()
    scores(targets[:batch])  # compiles
    for name, of_lists in (("ranks", None), ("ranks and lists", facts)):
        done.run(f"all users: {name}", len(targets), rank_targets, scores, data, targets, cutoffs, batch, of_lists)
    ranking, figures = BlockRanking(size, data.known), ListFigures(facts, size, cutoffs)
    with threadpool_limits(1, user_api="blas"):
        for start in range(0, min(SOME, len(targets)) // batch * batch, batch):
            read = targets[start : start + batch]
            score = done.run("  histories and their vectors", batch, scores, read)
            for at in range(0, batch // size * size, size):
                chosen = read[at : at + size]
                chunk_scores = done.run("  scores", size, score, slice(at, at + size))
                seen = done.run("  seen items", size, seen_labels, data, chosen)
                block = Block(chunk_scores, data.labels[chosen], *seen)
                done.run("  ranks", size, ranking.ranks, block)
                best, _ = done.run("  best items", size, ranking.best, block, max(cutoffs))
                done.run("  figures of lists", size, figures.add, 0, size, best)
    return done


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--items", type=int, default=27_000)
    parser.add_argument("--widths", default="8,32")
    arguments = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")
    data = prepared(recframe.compose(["encoder=bow"]), arguments.users, arguments.items)
    print(f"{data.interactions.num_events:,} events, {data.interactions.num_users:,} users, {data.num_items:,} items")
    print("| width | stage | users/s | us a user | us of CPU |")
    print("|---|---|---|---|---|")
    for width in map(int, arguments.widths.split(",")):
        stages(recframe.compose(["encoder=bow", f"model.width={width}"]), data).print(width)


if __name__ == "__main__":
    main()
