"""The ways to split: each gives the part of every event, and what the user should know of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from recframe.interactions.interactions import CONTEXT, TEST, TRAIN, VALIDATION, Interactions
from recframe.spec.split import SplitSpec

_DAY = 86_400  # seconds
PART_NAMES = ((TRAIN, "training"), (VALIDATION, "validation"), (TEST, "test"))

#: uint8 [events] and notes.
Parts = tuple[np.ndarray, list[str]]


def _leave_one_out(interactions: Interactions, spec: SplitSpec, seed: int) -> Parts:
    parts, lengths = np.full(interactions.num_events, TRAIN, np.uint8), np.diff(interactions.offsets)
    long_enough = lengths >= spec.min_events
    ends = interactions.offsets[1:][long_enough]
    parts[ends - 1], parts[ends - 2] = TEST, VALIDATION
    short = np.count_nonzero(~long_enough)
    note = (
        f"{short:,} of {interactions.num_users:,} users have fewer than {spec.min_events} events: "
        "they train and are not evaluated"
    )
    return parts, [note] if short else []


def _temporal(interactions: Interactions, spec: SplitSpec, seed: int) -> Parts:
    """An event at the time of a cut belongs to the later part, so that equal times stay together."""
    time = interactions.timestamp
    times = np.sort(time)
    if spec.at is None:
        test_from = times[min(int((1 - spec.test_fraction) * len(times)), len(times) - 1)]
        validating = 1 - spec.validation_fraction - spec.test_fraction
        validation_from = times[min(int(validating * len(times)), len(times) - 1)]
    else:
        test_from = np.int64(spec.seconds_of_at())
        before = times[: np.searchsorted(times, test_from)]
        at = int((1 - spec.validation_fraction) * len(before))
        validation_from = before[at] if at < len(before) else test_from
    parts = np.full(len(time), TRAIN, np.uint8)
    parts[time >= validation_from - int(spec.gap_days * _DAY)] = CONTEXT
    parts[time >= validation_from] = VALIDATION
    parts[time >= test_from] = TEST
    left_out = np.count_nonzero(parts == CONTEXT)
    note = f"{left_out:,} events of the split's gap are neither trained on nor predicted"
    return parts, [note] if left_out else []


def _users(interactions: Interactions, spec: SplitSpec, seed: int) -> Parts:
    """Of users who are held out the last event is predicted, and the others are its history."""
    lengths = np.diff(interactions.offsets)
    able = np.flatnonzero(lengths >= 2)
    drawn = np.random.default_rng(seed).permutation(able)
    shares = (spec.test_fraction, spec.validation_fraction)
    # At least one user each, where there are enough for a third to train on.
    testing, validating = (max(round(share * len(able)), int(len(able) > 2)) for share in shares)
    parts = np.full(interactions.num_events, TRAIN, np.uint8)
    of_user = interactions.user_of_event()
    held_out = np.zeros(interactions.num_users, bool)
    held_out[drawn[: testing + validating]] = True
    parts[held_out[of_user]] = CONTEXT
    last = interactions.offsets[1:] - 1
    parts[last[drawn[:testing]]] = TEST
    parts[last[drawn[testing : testing + validating]]] = VALIDATION
    return parts, [f"{testing + validating:,} of {interactions.num_users:,} users are held out, and never trained on"]


def _random(interactions: Interactions, spec: SplitSpec, seed: int) -> Parts:
    draw = np.random.default_rng(seed).random(interactions.num_events)
    parts = np.full(interactions.num_events, TRAIN, np.uint8)
    parts[draw < spec.validation_fraction + spec.test_fraction] = VALIDATION
    parts[draw < spec.test_fraction] = TEST
    return parts, []


TYPES: Mapping[str, Callable[[Interactions, SplitSpec, int], Parts]] = {
    "leave_one_out": _leave_one_out,
    "temporal": _temporal,
    "users": _users,
    "random": _random,
}


def as_given(interactions: Interactions, own_parts: np.ndarray) -> Parts:
    """As the data says; where it names no validation events, the last training event of each user validates."""
    parts = own_parts.astype(np.uint8)
    counts = ", ".join(f"{np.count_nonzero(parts == part):,} {name}" for part, name in PART_NAMES)
    notes = [f"the data is already split, and the split is kept: {counts} events"]
    if (parts != VALIDATION).all():
        rows = np.flatnonzero(parts == TRAIN)
        last = rows[np.append(np.diff(interactions.user_of_event()[rows]) != 0, True)] if len(rows) else rows
        parts[last] = VALIDATION
        notes.append("the data names no validation events: the last training event of each user validates")
    return parts, notes
