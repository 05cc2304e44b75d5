"""Microseconds of a recommendation from a bundle, from raw ids to titles and scores. It asserts nothing.

The default encoder (history of 50, width 32) over 9,000 items, with drawn weights: how long it takes does not hang on
them. Each history has 50 events. `python benchmarks/runtime.py [BUNDLE]`; without a bundle it makes one.

The median and the 99th of 100 are of the quietest of several rounds, and beside them the median of all calls: other
work on the machine shows in the difference.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from recframe.runtime import Bundle

ITEMS, HISTORIES, ROUNDS, CALLS = 9_000, 500, 12, 1_000
OVERRIDES = (
    "dataset.users=2000",
    f"dataset.items={ITEMS}",
    "dataset.events_per_user=60",
    "model.width=32",
    "export.parity_histories=20",
)


def make_bundle(folder: Path) -> Path:
    import recframe
    from recframe import Run
    from recframe.data.prepare import prepare
    from recframe.model.dual_encoder import build_model
    from recframe.plugin.types import DatasetContext
    from recframe.process.tensorflow_start import load_tensorflow

    load_tensorflow()
    spec, registries = recframe.compose(OVERRIDES), recframe.load_plugins()
    load = registries.datasets[spec.dataset.type].load
    data = prepare(spec, registries, load(spec.dataset.options, DatasetContext(spec.seed, Path())))
    model = build_model(spec, registries, data.features, data.num_labels)
    rng = np.random.default_rng(1)
    model.set_weights([weight + rng.normal(0, 0.3, weight.shape) for weight in model.get_weights()])
    return Run(spec, registries, data, model, None).export(folder)


def measure(name: str, calls: Sequence[Callable[[], object]], each: int = 1) -> None:
    """Print the microseconds of a call, taking the calls in turn.

    Args:
        each: How many histories one call is about; the figures are of one.
    """
    rounds = []
    count = max(CALLS // each, 20)
    for _ in range(ROUNDS):
        taken = np.empty(count)
        for place in range(count):
            call = calls[place % len(calls)]
            start = time.perf_counter()
            call()
            taken[place] = time.perf_counter() - start
        rounds.append(taken * 1e6 / each)
    quiet = min(rounds[1:], key=np.median)  # the first warms the caches
    p50, p99 = np.percentile(quiet, [50, 99])
    print(f"{name:44}{p50:8.1f}{p99:8.1f}{np.median(np.concatenate(rounds[1:])):12.1f}")


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        bundle = Bundle(sys.argv[1] if len(sys.argv) > 1 else make_bundle(Path(temporary) / "export"))
        content = (bundle.folder / bundle.model["path"]).read_bytes()
    rng = np.random.default_rng(0)
    known = list(bundle.id_of)
    histories = [[known[i] for i in rng.integers(0, len(known), 50)] for _ in range(HISTORIES)]

    from ai_edge_litert.interpreter import Interpreter

    bare = Interpreter(model_content=content, num_threads=1)
    bare.allocate_tensors()
    print(f"{len(known):,} items, {len(content) / 1000:,.0f} KB, load average {os.getloadavg()[0]:.1f}")
    print(f"{'us a history':44}{'p50':>8}{'p99':>8}{'p50 of all':>12}")
    measure("invoke() alone", [bare.invoke])
    measure("recommend(), the same history", [lambda: bundle.recommend(histories[0])])
    measure(f"recommend(), {HISTORIES} histories in turn", [partial(bundle.recommend, h) for h in histories])
    few = known[:20]
    measure("  exclude=20 items, by all scores", [partial(bundle.recommend, h, exclude=few) for h in histories])
    measure("  k=50, by all scores", [partial(bundle.recommend, h, 50) for h in histories])
    measure("recommend_batch() of 64", [lambda: bundle.recommend_batch(histories[:64])], each=64)


if __name__ == "__main__":
    main()
