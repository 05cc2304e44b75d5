"""Which events are targets, and of which part: one byte an event, from which everything else follows."""

from __future__ import annotations

import datetime
import hashlib

import numpy as np
from attrs import frozen

from recframe.data.split_types import PART_NAMES, TYPES, as_given
from recframe.errors import DataError
from recframe.interactions.interactions import CONTEXT, TEST, TRAIN, VALIDATION, Interactions
from recframe.spec.split import SplitSpec

__all__ = ["CONTEXT", "TEST", "TRAIN", "VALIDATION", "Split", "split_events"]


@frozen(eq=False)
class Split:
    """The part of each event.

    Attributes:
        parts: uint8 [events]; TRAIN, VALIDATION, TEST, or CONTEXT for an event that is only read before a target.
        leaky: Whether a user's training events may stand after others, so that training histories hold these.
        notes: Lines for the user.
        type: How it was made: the type of the spec, or `given` where the data came split.
        seed: The seed of its random draws.
        leaking_targets: Evaluation targets that stand in the history of a training target.
        sha256: Of the parts, and of the events, items and times that are evaluation targets.
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
        """What metrics.json says of the split."""
        return {
            "type": self.type,
            "seed": self.seed,
            "sha256": self.sha256,
            "leaking_targets": self.leaking_targets,
        }


def split_events(interactions: Interactions, spec: SplitSpec, seed: int, window: int | None = None) -> Split:
    """Assign each event to a part: as the data says where it is split already, else as the spec says.

    Args:
        window: Events of a history that the model reads, for counting the leaking targets; None: all.

    Raises:
        DataError: where nothing is left to train on, to validate with or to test with.
    """
    offsets = interactions.offsets
    if interactions.parts is not None:
        kind, (parts, notes) = "given", as_given(interactions, interactions.parts)
        if spec != SplitSpec():
            notes.append(f"the data is split already, so split={spec.type} and its options change nothing")
    elif spec.type == "temporal" and not interactions.timed:
        raise DataError(
            "split=temporal needs the time of each event, but this data has none, only an order: name the column of "
            "times, or take split=leave_one_out"
        )
    else:
        kind, (parts, notes) = spec.type, TYPES[spec.type](interactions, spec, seed)
    split = Split(parts, leaky=_training_after_others(parts, offsets), notes=tuple(notes), type=kind)
    for part, name in PART_NAMES:
        if not split.is_target(part, offsets).any():
            raise DataError(_nothing_left(kind, name, interactions))
    leaking = _count_leaking(split, offsets, window)
    if kind == "random" or leaking:
        of = sum(len(split.targets(part, offsets)) for part in (VALIDATION, TEST))
        notes.append(
            f"split={kind}: {leaking:,} of {of:,} evaluation targets stand in histories that are trained on, "
            "a user's future: its figures are too good"
        )
    sha256 = _sha256(split, interactions)
    return Split(parts, split.leaky, tuple(notes), kind, seed, leaking, sha256)


def _training_after_others(parts: np.ndarray, offsets: np.ndarray) -> bool:
    follows = np.zeros(len(parts), bool)
    follows[1:] = (parts[1:] == TRAIN) & (parts[:-1] != TRAIN)
    follows[offsets[:-1][offsets[:-1] < len(parts)]] = False  # the first of a user follows nothing
    return bool(follows.any())


def _count_leaking(split: Split, offsets: np.ndarray, window: int | None) -> int:
    """The evaluation targets that have a training target of the same user at most `window` events later."""
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


def _nothing_left(kind: str, name: str, interactions: Interactions) -> str:
    of = f"{_counted(interactions.num_users, 'user')} with {_counted(interactions.num_events, 'event')} in all"
    if kind == "temporal":
        first, last = (_date(moment) for moment in (interactions.timestamp.min(), interactions.timestamp.max()))
        of += f", from {first} to {last}"
    return f"split={kind} leaves no {name} target with a history: {of}; give more data or another split"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _date(seconds: np.integer) -> str:
    try:
        return datetime.datetime.fromtimestamp(int(seconds), datetime.UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):
        return str(int(seconds))
