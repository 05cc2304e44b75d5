"""How far an epoch is. Without TensorFlow, since a run's state is read before that is loaded."""

from __future__ import annotations

from attrs import frozen


@frozen
class Progress:
    """What the loop reports after each call: its position, the loss, the speed. An epoch can go on from there.

    Attributes:
        loss: Mean over the targets so far.
        total: Sum over them, which the next call adds to.
        examples: How many targets that is.
    """

    epoch: int
    step: int
    steps: int
    loss: float
    total: float
    examples: int
    seconds: float
