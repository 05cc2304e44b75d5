"""What `make bench` runs: made-up interactions, as many as MovieLens-1M's, are prepared, trained on and evaluated.

The model has the size of Model Maker's (BOW, width 8, history of 10), and a batch has 1,024 targets.
It asserts nothing.
"""

from __future__ import annotations

import os
import platform
import resource
import statistics
import time
from collections.abc import Callable
from functools import partial

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import recframe
from recframe.data.sequences import histories
from recframe.data.splits import TEST, TRAIN
from recframe.data.training_examples import SequenceExamples
from recframe.evaluation.baselines import BASELINES
from recframe.evaluation.keras_scorer import KerasScorer
from recframe.evaluation.list_metrics import ItemStatistics
from recframe.evaluation.measure import measure
from recframe.evaluation.ranking import rank_targets, seen_labels
from recframe.model.dual_encoder import build_model
from recframe.runs.data import load_data
from recframe.training.loop import Trainer

SHAPE = ["dataset.users=6040", "dataset.items=3416", "dataset.events_per_user=165"]
MODEL = ["encoder=bow", "model.width=8", "model.history_length=10", "train.batch_size=1024", "evaluation.top_k=[10]"]
REPEATS = 5


def peak_mb() -> float:
    """The process's largest resident memory so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    print(f"{platform.machine()}, {os.cpu_count()} cores, medians of {REPEATS}")
    libraries_mb = peak_mb()
    for mode in ("positions", "windows"):
        spec = recframe.compose([*SHAPE, *MODEL, f"train.mode={mode}"])
        registries = recframe.load_plugins()
        start = time.perf_counter()
        data = load_data(spec, registries, lambda note: None)
        seconds = time.perf_counter() - start
        if mode == "positions":
            print(f"{data.interactions.num_events:,} interactions made and prepared: {seconds:.2f} s")
            print(f"memory above the libraries' {libraries_mb:,.0f} MB: {peak_mb() - libraries_mb:,.0f} MB")
        model = build_model(spec, registries, data.features, data.num_labels)
        trainer = Trainer(spec, registries, SequenceExamples(data), model)
        trainer.run_epoch(0)  # compiles
        speeds = []
        for epoch in range(1, REPEATS + 1):
            start = time.perf_counter()
            _, examples = trainer.run_epoch(epoch)
            speeds.append(examples / (time.perf_counter() - start))
        print(f"training, {mode}: {statistics.median(speeds):,.0f} targets/s ({len(data.targets(TRAIN)):,} an epoch)")
    batch, targets = spec.evaluation.batch_size, data.targets(TEST)
    scorer = KerasScorer(model, batch)
    chunks = [targets[at : at + batch] for at in range(0, len(targets), batch)]
    inputs = [histories(data, chunk) for chunk in chunks]

    def speed(work: Callable[[], object]) -> str:
        work()
        seconds = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            work()
            seconds.append(time.perf_counter() - start)
        return f"{len(targets) / statistics.median(seconds):,.0f} histories/s"

    item_statistics = ItemStatistics.of(data, None)

    def rank(item_statistics: ItemStatistics | None) -> Callable[[], object]:
        return lambda: rank_targets(scorer.by_target(data), data, targets, (10,), batch, item_statistics)

    def measured() -> object:
        return measure(scorer.by_target(data), data, TEST, spec.evaluation, item_statistics, seed=1)

    print(f"evaluation, ranks with and without seen items: {speed(rank(None))}")
    print(f"evaluation, ranks and lists (coverage, novelty, diversity, popularity): {speed(rank(item_statistics))}")
    print(f"evaluation, intervals and segments too: {speed(measured)}")
    for name, build in BASELINES.items():
        start = time.perf_counter()
        ranked = partial(rank_targets, build(data, spec.evaluation), data, targets, (10,), batch, item_statistics)
        print(f"evaluation, {name}: counted in {time.perf_counter() - start:.2f} s, {speed(ranked)}")
    print("parts of it, one thread for Python and NumPy:")
    print(f"  gathering histories: {speed(lambda: [histories(data, chunk) for chunk in chunks])}")
    print(f"  scores: {speed(lambda: [scorer(rows) for rows in inputs])}")
    print(f"  seen items: {speed(lambda: [seen_labels(data, chunk) for chunk in chunks])}")
    print("  the rest by stage: python -m benchmarks.evaluation")


if __name__ == "__main__":
    main()
