"""The split types. Each assigns a part to every event, with notes for the user."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from recframe.interactions.interactions import CONTEXT, TEST, TRAIN, VALIDATION, Interactions
from recframe.spec.split import SplitSpec

_DAY = 86_400  # seconds
PART_NAMES = ((TRAIN, "training"), (VALIDATION, "validation"), (TEST, "test"))

#: uint8 [events], the part of each event; and notes.
Parts = tuple[np.ndarray, list[str]]


def _leave_one_out(interactions: Interactions, spec: SplitSpec, seed: int) -> Parts:
    parts, lengths = np.full(interactions.num_events, TRAIN, np.uint8), np.diff(interactions.offsets)
    long_enough = lengths >= spec.min_events
    ends = interactions.offsets[1:][long_enough]
    parts[ends - 1], parts[ends - 2] = TEST, VALIDATION
    short = np.count_nonzero(~long_enough)
    note = (
        f"{short:,} of {interactions.num_users:,} users have fewer than {spec.min_events} events: "
        "they are used for training, but not for evaluation"
    )
    return parts, [note] if short else []


def _temporal(interactions: Interactions, spec: SplitSpec, seed: int) -> Parts:
    """Split by time. An event exactly at a boundary belongs to the later part, so equal times stay together."""
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
    """Hold out users. The last event of a held-out user is the target, and the earlier events are its history."""
    lengths = np.diff(interactions.offsets)
    eligible = np.flatnonzero(lengths >= 2)
    drawn = np.random.default_rng(seed).permutation(eligible)
    shares = (spec.test_fraction, spec.validation_fraction)
    # At least one user for each part, if there are three users or more.
    testing, validating = (max(round(share * len(eligible)), int(len(eligible) > 2)) for share in shares)
    parts = np.full(interactions.num_events, TRAIN, np.uint8)
    of_user = interactions.user_of_event()
    held_out = np.zeros(interactions.num_users, bool)
    held_out[drawn[: testing + validating]] = True
    parts[held_out[of_user]] = CONTEXT
    last = interactions.offsets[1:] - 1
    parts[last[drawn[:testing]]] = TEST
    parts[last[drawn[testing : testing + validating]]] = VALIDATION
    return parts, [f"{testing + validating:,} of {interactions.num_users:,} users are held out and not trained on"]


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


def keep_given_split(interactions: Interactions, own_parts: np.ndarray) -> Parts:
    """Keep the split that the data has. If it has no validation part, each user's last training event becomes it."""
    parts = own_parts.astype(np.uint8)
    counts = ", ".join(f"{np.count_nonzero(parts == part):,} {name}" for part, name in PART_NAMES)
    notes = [f"the data is already split, and the split is kept: {counts} events"]
    if (parts != VALIDATION).all():
        rows = np.flatnonzero(parts == TRAIN)
        last = rows[np.append(np.diff(interactions.user_of_event()[rows]) != 0, True)] if len(rows) else rows
        parts[last] = VALIDATION
        notes.append("the data has no validation events: each user's last training event is used for validation")
    return parts, notes
