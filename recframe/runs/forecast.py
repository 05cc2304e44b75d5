"""How long an epoch will take at least, from the operations of a step and the speed of this machine."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from recframe.process.pace import duration_text
from recframe.training.loop import Trainer

#: An epoch of fewer operations is over in seconds.
WORTH_TELLING = 1e12
#: A note is given for epochs of at least so many seconds.
LONG = 60.0
#: A loss that compares with more labels has a sampled one proposed.
MANY = 20_000
_SIZE, _TIMES = 768, 3  # of the products that tell the machine's speed


def tell_forecast(trainer: Trainer, say: Callable[[str], None]) -> None:
    """Say before the first step what a long epoch takes. An encoder that goes step by step takes longer still."""
    operations = trainer.operations * trainer.steps
    if operations < WORTH_TELLING or not trainer.spec.train.epochs:
        return
    seconds = operations / _operations_per_second()
    if seconds > LONG:
        each, items = duration_text(seconds / trainer.steps), trainer.model.table.shape[0] - 1
        say(
            f"an epoch will take {duration_text(seconds)} or more on this machine: {trainer.steps:,} steps of {each} "
            f"over {items:,} items, and train.epochs is {trainer.spec.train.epochs}; {_advice(trainer, items)}"
        )


def _advice(trainer: Trainer, items: int) -> str:
    if trainer.compared > MANY:
        return (
            f"each target is compared with all {items:,} items: loss=sampled_softmax compares it with a sample, and an "
            "epoch takes as long for any number of items"
        )
    return "a smaller model.width, or less data, makes it less"


def _operations_per_second() -> float:
    matrix, best = np.ones((_SIZE, _SIZE), np.float32), float("inf")
    for _ in range(_TIMES):
        start = time.perf_counter()
        matrix @ matrix
        best = min(best, time.perf_counter() - start)
    return 2 * _SIZE**3 / best
