"""Estimates the shortest time of an epoch from the operations of a step and the speed of this machine."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from recframe.process.pace import duration_text
from recframe.training.loop import Trainer

#: An epoch with fewer operations takes only seconds.
WORTH_TELLING = 1e12
#: A note is given if an epoch takes at least this many seconds.
LONG = 60.0
#: A sampled loss is proposed if each target is compared with more labels than this.
MANY = 20_000
_SIZE, _TIMES = 768, 3  # size and number of the matrix products that measure the machine's speed


def tell_forecast(trainer: Trainer, say: Callable[[str], None]) -> None:
    """Before the first step, tell how long a long epoch takes. A recurrent encoder takes even longer."""
    operations = trainer.operations * trainer.steps
    if operations < WORTH_TELLING or not trainer.spec.train.epochs:
        return
    seconds = operations / _operations_per_second()
    if seconds > LONG:
        each, items = duration_text(seconds / trainer.steps), trainer.model.table.shape[0] - 1
        say(
            f"an epoch will take {duration_text(seconds)} or more on this machine: {trainer.steps:,} steps of {each} "
            f"over {items:,} items; train.epochs is {trainer.spec.train.epochs}; {_advice(trainer, items)}"
        )


def _advice(trainer: Trainer, items: int) -> str:
    if trainer.compared > MANY:
        return (
            f"each target is compared with all {items:,} items: loss=sampled_softmax compares it with a sample, so the "
            "time does not depend on the number of items"
        )
    return "a smaller model.width or less data makes it faster"


def _operations_per_second() -> float:
    matrix, best = np.ones((_SIZE, _SIZE), np.float32), float("inf")
    for _ in range(_TIMES):
        start = time.perf_counter()
        matrix @ matrix
        best = min(best, time.perf_counter() - start)
    return 2 * _SIZE**3 / best
