"""Which event is a target of which part. One byte an event: everything else follows from it."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from recframe.data.interactions import Interactions
from recframe.errors import DataError
from recframe.specs import SplitSpec

TRAIN, VALIDATION, TEST = 0, 1, 2


@frozen(eq=False)
class Split:
    """The part of each event.

    Attributes:
        parts: uint8 [events]; TRAIN, VALIDATION or TEST.
        leaky: Whether a training history may hold an evaluation target (`random` alone).
        notes: What the user must be told.
    """

    parts: np.ndarray
    leaky: bool
    notes: tuple[str, ...] = ()

    def targets(self, part: int, offsets: np.ndarray) -> np.ndarray:
        """int64 [targets]: events of the part that have a history, that is, all but the first of each user."""
        is_target = self.parts == part
        is_target[offsets[:-1]] = False
        return np.flatnonzero(is_target)


def split_events(interactions: Interactions, spec: SplitSpec, seed: int) -> Split:
    """Assign each event to a part as the spec says.

    Raises:
        DataError: where nothing is left to train on, to validate with or to test with.
    """
    notes: list[str] = []
    offsets = interactions.offsets
    parts = np.full(interactions.num_events, TRAIN, np.uint8)
    if spec.type == "leave_one_out":
        lengths = np.diff(offsets)
        long_enough = lengths >= spec.min_events
        ends = offsets[1:][long_enough]
        parts[ends - 1] = TEST
        parts[ends - 2] = VALIDATION
        if not long_enough.all():
            notes.append(
                f"{np.count_nonzero(~long_enough):,} of {interactions.num_users:,} users have fewer than "
                f"{spec.min_events} events: they train and are not evaluated"
            )
    elif spec.type == "temporal":
        times = np.sort(interactions.timestamp)
        cuts = [1 - spec.validation_fraction - spec.test_fraction, 1 - spec.test_fraction]
        # An event at the very moment of a cut belongs to the later part, so that no moment is split.
        validation_from, test_from = (times[min(int(cut * len(times)), len(times) - 1)] for cut in cuts)
        parts[interactions.timestamp >= validation_from] = VALIDATION
        parts[interactions.timestamp >= test_from] = TEST
    else:
        draw = np.random.default_rng(seed).random(interactions.num_events)
        parts[draw < spec.validation_fraction + spec.test_fraction] = VALIDATION
        parts[draw < spec.test_fraction] = TEST
        notes.append("split=random puts events of a user's future into training: its figures are too good")
    split = Split(parts, leaky=spec.type == "random", notes=tuple(notes))
    for part, name in ((TRAIN, "training"), (VALIDATION, "validation"), (TEST, "test")):
        if len(split.targets(part, offsets)) == 0:
            raise DataError(
                f"split={spec.type} leaves no {name} target with a history: {interactions.num_users:,} users have "
                f"{interactions.num_events:,} events in all; give more data or another split"
            )
    return split
