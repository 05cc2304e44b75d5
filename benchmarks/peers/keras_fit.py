"""Keras's `fit` on windows in memory, with layers and settings like recframe's defaults."""

from __future__ import annotations

import numpy as np

from benchmarks.peers.protocol import Curve, Split, best_items, run
from benchmarks.peers.split import prepared_from
from benchmarks.plain_keras import compiled, windows
from recframe.data.sequences import histories
from recframe.data.splits import TEST


def contend(split: Split, curve: Curve, seed: int, epochs: int) -> None:
    spec, data = prepared_from(split, [f"seed={seed}"])
    inputs, labels = windows(data)
    model, before = compiled(spec, data.num_labels), split.histories()
    of_test = next(iter(histories(data, data.targets(TEST)).values()))

    def lists() -> np.ndarray:
        scores = np.empty((split.users, split.items))
        scores[:, data.label_items[1:]] = model.predict(of_test, batch_size=256, verbose=0)[:, 1:]
        return best_items(scores, before)

    for _ in range(epochs):
        model.fit(inputs, labels, batch_size=spec.train.batch_size, verbose=0)
        curve.point(lists)


if __name__ == "__main__":
    run(contend)
