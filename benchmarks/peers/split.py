"""The split that every contender is given, made by recframe, and read back by the two that use it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

import recframe
from benchmarks.peers.protocol import TEST, TRAIN, VALIDATION, Split
from recframe.data.prepare import PreparedData, prepare
from recframe.interactions import interactions
from recframe.interactions.interactions import Interactions
from recframe.runs.data import load_data
from recframe.spec.experiment import ExperimentSpec

OURS = {interactions.TRAIN: TRAIN, interactions.VALIDATION: VALIDATION, interactions.TEST: TEST}


def split_of(overrides: Sequence[str]) -> Split:
    """The last event of each user for test, the one before for validation; users with too few events are left out."""
    spec = recframe.compose([*overrides, "split=leave_one_out"])
    data = load_data(spec, recframe.load_plugins(), lambda note: None)
    user, parts = data.users, data.split.parts
    has_target = np.zeros(data.interactions.num_users, bool)
    has_target[user[data.targets(interactions.TEST)]] = True
    chosen = has_target[user]
    _, numbers = np.unique(user[chosen], return_inverse=True)
    names = np.vectorize(OURS.__getitem__)(parts[chosen])
    return Split(numbers, data.interactions.item[chosen].astype(np.int64), names, data.interactions.num_items)


def prepared_from(split: Split, overrides: Sequence[str]) -> tuple[ExperimentSpec, PreparedData]:
    """The split as recframe trains on it; seen items are left out, as the protocol has it."""
    spec = recframe.compose([*overrides, "exclude_seen=true"])
    back = {name: number for number, name in OURS.items()}
    events = Interactions.from_columns(
        split.user,
        split.item,
        np.arange(len(split.user)),
        {"id": np.arange(split.items)},
        parts=np.vectorize(back.__getitem__)(split.part),
    )
    return spec, prepare(spec, recframe.load_plugins(), events)
