"""Epochs and early stopping, for all kinds of examples and all metrics."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from attrs import define, frozen

from recframe.training.loop import Trainer
from recframe.training.progress import Progress


@frozen
class Epoch:
    """A completed epoch.

    Attributes:
        number: From 1.
        loss: Mean over the epoch's targets.
        targets: The number of targets.
        seconds: The training time.
    """

    number: int
    loss: float
    targets: int
    seconds: float


def epochs(
    trainer: Trainer,
    count: int,
    report: Callable[[Progress], None] = lambda progress: None,
    done: int = 0,
    last: Progress | None = None,
) -> Iterator[Epoch]:
    """Train epoch after epoch. The caller evaluates between epochs and may stop.

    Args:
        count: The number of the last epoch.
        report: Is called after each compiled call.
        done: The number of epochs that are already complete.
        last: The position from which the next epoch continues; None to start it from the beginning.

    Raises:
        FloatingPointError: The loss is not finite.
    """
    for number in range(done + 1, count + 1):
        start = time.perf_counter() - (last.seconds if last else 0.0)
        loss, targets = trainer.run_epoch(number, report, last)
        last = None
        yield Epoch(number, loss, targets, time.perf_counter() - start)


@define
class BestWeights:
    """The weights of the best epoch so far.

    Attributes:
        figure: The validation metric of that epoch.
        waited: The number of epochs since then.
    """

    weights: list[Any]
    epoch: int = 0
    figure: float = -1.0
    waited: int = 0

    def offer(self, epoch: int, figure: float, weights: Callable[[], list[Any]]) -> bool:
        """Take an epoch's weights if its figure is the best so far; returns whether it is."""
        if figure <= self.figure:
            self.waited += 1
            return False
        self.weights, self.epoch, self.figure, self.waited = weights(), epoch, figure, 0
        return True
