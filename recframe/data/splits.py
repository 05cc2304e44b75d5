"""The split: assigns each event to training, validation, test or context, with one byte per event."""

from __future__ import annotations

import datetime
import hashlib

import numpy as np
from attrs import frozen

from recframe.data.split_types import PART_NAMES, TYPES, keep_given_split
from recframe.errors import DataError
from recframe.interactions.interactions import CONTEXT, TEST, TRAIN, VALIDATION, Interactions
from recframe.spec.split import SplitSpec

__all__ = ["CONTEXT", "TEST", "TRAIN", "VALIDATION", "Split", "split_events"]


@frozen(eq=False)
class Split:
    """The part of each event.

    Attributes:
        parts: uint8 [events]; TRAIN, VALIDATION, TEST, or CONTEXT for an event that is only part of histories.
        leaky: Whether a user has training events after other events, so that training histories contain those.
        notes: Notes for the user.
        type: How the split was made: the type in the spec, or `given` if the data was already split.
        seed: The seed of its random draws.
        leaking_targets: The number of evaluation targets that are in the history of a training target.
        sha256: Digest of the parts, and of the position, item and time of each evaluation target.
    """

    parts: np.ndarray
    leaky: bool
    notes: tuple[str, ...] = ()
    type: str = ""
    seed: int = 0
    leaking_targets: int = 0
    sha256: str = ""

    def is_target(self, part: int, offsets: np.ndarray) -> np.ndarray:
        """bool [events]: events of the part that have a history, that is, all but the first of each user."""
        is_target: np.ndarray = self.parts == part
        is_target[offsets[:-1]] = False
        return is_target

    def targets(self, part: int, offsets: np.ndarray) -> np.ndarray:
        """int64 [targets]: the events that `is_target` tells."""
        return np.flatnonzero(self.is_target(part, offsets))

    @property
    def summary(self) -> dict[str, str | int]:
        """The entry in metrics.json."""
        return {
            "type": self.type,
            "seed": self.seed,
            "sha256": self.sha256,
            "leaking_targets": self.leaking_targets,
        }


def split_events(interactions: Interactions, spec: SplitSpec, seed: int, window: int | None = None) -> Split:
    """Assign each event to a part. Data that is already split keeps its split; otherwise the spec decides.

    Args:
        window: How many events of a history the model reads, to count leaking targets; None for all.

    Raises:
        DataError: A part has no target.
    """
    offsets = interactions.offsets
    if interactions.parts is not None:
        kind, (parts, notes) = "given", keep_given_split(interactions, interactions.parts)
        if spec != SplitSpec():
            notes.append(f"the data is already split, so split={spec.type} and its options have no effect")
    elif spec.type == "temporal" and not interactions.timed:
        raise DataError(
            "split=temporal needs the time of each event, but this data has only an order: name the column of times, "
            "or use split=leave_one_out"
        )
    else:
        kind, (parts, notes) = spec.type, TYPES[spec.type](interactions, spec, seed)
    split = Split(parts, leaky=_trains_after_other_parts(parts, offsets), notes=tuple(notes), type=kind)
    for part, name in PART_NAMES:
        if not split.is_target(part, offsets).any():
            raise DataError(_empty_part(kind, name, interactions))
    leaking = _count_leaking(split, offsets, window)
    if kind == "random" or leaking:
        of = sum(len(split.targets(part, offsets)) for part in (VALIDATION, TEST))
        notes.append(
            f"split={kind}: {leaking:,} of {of:,} evaluation targets are in histories that the model trains on, so it "
            "has seen them: the metrics are too good"
        )
    sha256 = _sha256(split, interactions)
    return Split(parts, split.leaky, tuple(notes), kind, seed, leaking, sha256)


def _trains_after_other_parts(parts: np.ndarray, offsets: np.ndarray) -> bool:
    follows = np.zeros(len(parts), bool)
    follows[1:] = (parts[1:] == TRAIN) & (parts[:-1] != TRAIN)
    follows[offsets[:-1][offsets[:-1] < len(parts)]] = False  # the first of a user follows nothing
    return bool(follows.any())


def _count_leaking(split: Split, offsets: np.ndarray, window: int | None) -> int:
    """Count the evaluation targets with a training target of the same user at most `window` events later."""
    if not split.leaky:
        return 0
    training = split.targets(TRAIN, offsets)
    evaluated = np.concatenate([split.targets(part, offsets) for part in (VALIDATION, TEST)])
    following = np.append(training, len(split.parts))[np.searchsorted(training, evaluated)]
    end = offsets[np.searchsorted(offsets, evaluated, side="right")]
    near = following < end if window is None else (following < end) & (following - evaluated <= window)
    return int(np.count_nonzero(near))


def _sha256(split: Split, interactions: Interactions) -> str:
    digest = hashlib.sha256(np.ascontiguousarray(split.parts).tobytes())
    for part in (VALIDATION, TEST):
        rows = split.targets(part, interactions.offsets)
        for values in (rows, interactions.item[rows], interactions.timestamp[rows]):
            digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def _empty_part(kind: str, name: str, interactions: Interactions) -> str:
    of = f"{_counted(interactions.num_users, 'user')} with {_counted(interactions.num_events, 'event')} in all"
    if kind == "temporal":
        first, last = (_date(moment) for moment in (interactions.timestamp.min(), interactions.timestamp.max()))
        of += f", from {first} to {last}"
    return f"split={kind} leaves no {name} target with a history: {of}; use more data or another split"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _date(seconds: np.integer) -> str:
    try:
        return datetime.datetime.fromtimestamp(int(seconds), datetime.UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):
        return str(int(seconds))
