"""The progress of an epoch. It needs no TensorFlow, since a run's state is read before TensorFlow is loaded."""

from __future__ import annotations

from attrs import frozen


@frozen
class Progress:
    """What the loop reports after each call: its position, the loss and the time. An epoch can continue from it.

    Attributes:
        step, steps: The number of completed steps, and of all steps of the epoch.
        loss: Mean over the targets so far.
        total: The sum over these targets.
        examples: The number of these targets.
        seconds: The time that the epoch has taken so far.
    """

    epoch: int
    step: int
    steps: int
    loss: float
    total: float
    examples: int
    seconds: float
