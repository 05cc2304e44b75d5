"""recframe with its default settings."""

from __future__ import annotations

import numpy as np

from benchmarks.peers.protocol import Curve, K, Split, run
from benchmarks.peers.split import prepared_from
from benchmarks.steps import trainer_of
from recframe.data.splits import TEST
from recframe.evaluation.keras_scorer import KerasScorer
from recframe.evaluation.ranking import ranks_and_lists


def contend(split: Split, curve: Curve, seed: int, epochs: int) -> None:
    spec, data = prepared_from(split, [f"seed={seed}"])
    trainer, batch = trainer_of(spec, data), spec.evaluation.batch_size

    def lists() -> np.ndarray:
        scorer = KerasScorer(trainer.model, batch).by_target(data)
        best = ranks_and_lists(scorer, data, data.targets(TEST), K, batch)[1]
        return np.asarray(data.label_items[best])

    for epoch in range(1, epochs + 1):
        trainer.run_epoch(epoch)
        curve.point(lists)


if __name__ == "__main__":
    run(contend)
