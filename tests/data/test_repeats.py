"""Which events are repeats, whether seen items are excluded, and the notes on both."""

from __future__ import annotations

import attrs
import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st

from recframe.data.prepare import PreparedData, prepare
from recframe.data.repeats import COMMON_SHARE, repeated
from recframe.errors import DataError, SpecError
from recframe.interactions.interactions import TEST, TRAIN, VALIDATION, Interactions
from recframe.plugin.manager import load_plugins
from tests.composed import spec_of


def _interactions(histories: list[list[int]]) -> Interactions:
    user = np.repeat(np.arange(len(histories)), [len(history) for history in histories])
    item = np.concatenate([np.array(history, int) for history in histories])
    return Interactions.from_columns(user, item, np.arange(len(item)), {"id": np.arange(100, 112)})


def _prepared(histories: list[list[int]], *overrides: str) -> PreparedData:
    return prepare(spec_of(*overrides), load_plugins(), _interactions(histories))


_HISTORIES = st.lists(st.lists(st.integers(0, 11), min_size=3, max_size=12), min_size=2, max_size=8)


@given(_HISTORIES)
@settings(deadline=None)
def test_a_repeat_is_an_item_that_stands_earlier_in_the_history(histories: list[list[int]]) -> None:
    wanted = [item in history[:place] for history in histories for place, item in enumerate(history)]
    assert repeated(_interactions(histories)).tolist() == wanted


@given(_HISTORIES, st.sampled_from(["leave_one_out", "random", "users"]), st.sampled_from(["auto", "true", "false"]))
@settings(deadline=None)
def test_the_setting_follows_the_training_targets(histories: list[list[int]], split: str, setting: str) -> None:
    try:
        data = _prepared(histories, f"split={split}", f"exclude_seen={setting}")
    except DataError:  # too short for the split
        assume(False)
    first = {int(offset) for offset in data.interactions.offsets[:-1]}
    flat = [item in history[:place] for history in histories for place, item in enumerate(history)]
    of_part = {
        part: [flat[event] for event in np.flatnonzero(data.split.parts == part).tolist() if event not in first]
        for part in (TRAIN, VALIDATION, TEST)
    }
    share = sum(of_part[TRAIN]) / len(of_part[TRAIN])
    assert data.seen.repeat_share == pytest.approx(share)
    assert data.exclude_seen == (share < COMMON_SHARE if setting == "auto" else setting == "true")
    assert data.seen.repeats == {"validation": sum(of_part[VALIDATION]), "test": sum(of_part[TEST])}
    notes = [note for note in data.all_notes if "count as missed" in note]
    counts = [
        f"{sum(of_part[part])} of {len(of_part[part])} {name} targets"
        for part, name in ((VALIDATION, "validation"), (TEST, "test"))
        if sum(of_part[part])
    ]
    if data.exclude_seen and counts:
        assert notes[0].startswith(f"{' and '.join(counts)} are items that the user had before")
    assert len(notes) == bool(data.exclude_seen and counts)


def test_auto_says_what_it_decides_and_why() -> None:
    plenty = _prepared([[0, 1, 0, 1, 0, 2, 3]] * 4)
    assert not plenty.exclude_seen
    assert "exclude_seen=auto: 75.0% of the training targets" in "\n".join(plenty.all_notes)
    assert "may be recommended again" in "\n".join(plenty.all_notes)
    never = _prepared([[0, 1, 2, 3, 4, 5, 3]] * 4)
    assert never.exclude_seen
    assert "exclude_seen=auto: none of the training targets" in "\n".join(never.all_notes)
    assert "4 of 4 test targets are items that the user had before" in "\n".join(never.all_notes)
    assert never.seen.summary["unreachable"] == {"validation": 0, "test": 4}
    chosen = attrs.evolve(plenty.seen, setting=False)
    assert list(chosen.notes()) == []


@pytest.mark.parametrize("value", ["yes", "1", "null"])
def test_other_settings_are_refused(value: str) -> None:
    with pytest.raises(SpecError, match="exclude_seen"):
        spec_of(f"exclude_seen={value}")
