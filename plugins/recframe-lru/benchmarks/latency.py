"""Times exported models side by side, on one thread: `python benchmarks/latency.py BUNDLE/model.tflite ...`."""

from __future__ import annotations

import sys
import time

import numpy as np
from ai_edge_litert.interpreter import Interpreter

HISTORIES, ROUNDS = 40, 25


def histories(length: int, rng: np.random.Generator) -> np.ndarray:
    """int32 [HISTORIES, length]: at least 20 made-up items each, then padding."""
    counts = rng.integers(min(20, length), length + 1, (HISTORIES, 1))
    return np.where(np.arange(length) < counts, rng.integers(1, 1_000, (HISTORIES, length)), 0).astype(np.int32)


def microseconds(paths: list[str]) -> dict[str, np.ndarray]:
    """The CPU time of each call of each model. They take turns, so that what else runs slows all alike."""
    models = {path: Interpreter(model_path=path, num_threads=1) for path in paths}
    taken: dict[str, list[int]] = {path: [] for path in paths}
    for model in models.values():
        model.allocate_tensors()
    for _ in range(ROUNDS):
        for path, model in models.items():
            (place,) = model.get_input_details()
            for history in histories(place["shape"][-1], np.random.default_rng(0)):
                model.set_tensor(place["index"], history[None])
                start = time.thread_time_ns()
                model.invoke()
                taken[path].append(time.thread_time_ns() - start)
    return {path: np.array(times) / 1e3 for path, times in taken.items()}


if __name__ == "__main__":
    for path, times in microseconds(sys.argv[1:]).items():
        sys.stdout.write(f"{np.median(times):6.1f} us  {path}\n")
