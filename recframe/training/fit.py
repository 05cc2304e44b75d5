"""Epochs with early stopping: one loop for every kind of examples and every measure."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from attrs import define, frozen

from recframe.training.loop import Trainer
from recframe.training.progress import Progress


@frozen
class Epoch:
    """An epoch that was trained.

    Attributes:
        loss: Mean over the epoch's targets.
        targets: How many it trained on.
        seconds: What they took.
    """

    number: int
    loss: float
    targets: int
    seconds: float


def epochs(
    trainer: Trainer,
    count: int,
    tell: Callable[[Progress], None] = lambda progress: None,
    done: int = 0,
    last: Progress | None = None,
) -> Iterator[Epoch]:
    """Train epoch after epoch; the caller measures in between, and may stop.

    Args:
        done: Epochs that were trained before.
        last: Where the next epoch goes on; None: at its start.

    Raises:
        FloatingPointError: where the loss is no longer finite.
    """
    for number in range(done + 1, count + 1):
        start = time.perf_counter() - (last.seconds if last else 0.0)
        loss, targets = trainer.run_epoch(number, tell, last)
        last = None
        yield Epoch(number, loss, targets, time.perf_counter() - start)


@define
class BestWeights:
    """The weights of the best epoch so far, and how long ago that was."""

    weights: list[Any]
    epoch: int = 0
    figure: float = -1.0
    waited: int = 0

    def offer(self, epoch: int, figure: float, weights: Callable[[], list[Any]]) -> bool:
        """Take an epoch's weights where its figure is the best so far; returns whether it is."""
        if figure <= self.figure:
            self.waited += 1
            return False
        self.weights, self.epoch, self.figure, self.waited = weights(), epoch, figure, 0
        return True
