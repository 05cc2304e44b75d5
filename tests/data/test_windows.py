"""Windows are checked against plain loops."""

from __future__ import annotations

import numpy as np
import pytest

from recframe.data import windows as module
from recframe.data.features import EventLists
from recframe.data.windows import Windows
from recframe.interactions.interactions import Interactions


def made(events_of_user: tuple[int, ...], seed: int = 0) -> Interactions:
    """Users with so many events, whose items are 1, 2, 3 and so on, in order of time."""
    user = np.repeat(np.arange(len(events_of_user)), events_of_user)
    return Interactions.from_columns(
        user, np.arange(len(user)), np.arange(len(user)), {"id": np.arange(1, len(user) + 1)}, seed=seed
    )


def test_each_event_but_the_first_is_a_label_of_users_with_enough() -> None:
    windows = Windows.of(made((3, 1, 2)), 1)
    assert windows.label.tolist() == [1, 2, 5]
    assert windows.start.tolist() == [0, 0, 4]
    assert Windows.of(made((3, 1, 2)), 3).label.tolist() == [1, 2]
    assert windows.take(slice(1, None)).label.tolist() == [2, 5]


@pytest.mark.parametrize("latest", [None, 1, 2, 9])
def test_steps(latest: int | None) -> None:
    interactions = made((5, 2, 4))
    windows, values = Windows.of(interactions, 1), np.arange(10, 21)
    expected = []
    for label, start in zip(windows.label.tolist(), windows.start.tolist(), strict=True):
        context = values[max(start, label - min(3, latest or 3)) : label].tolist()
        expected.append(context + [0] * (3 - len(context)))
    assert windows.steps(values, 3, latest).tolist() == expected
    assert windows.steps(values.astype(np.float32), 3).dtype == np.float32


def test_entries_keep_the_first_values_of_the_latest_events(monkeypatch: pytest.MonkeyPatch) -> None:
    interactions = made((5, 2, 4))
    words = [[1, 2], [], [3], [4, 5, 6]]
    of_event = np.arange(interactions.num_events) % len(words)
    flat, sizes = np.array([word for group in words for word in group]), np.array([len(group) for group in words])
    lists, windows = EventLists.of(flat, sizes, of_event), Windows.of(interactions, 1)
    expected = []
    for label, start in zip(windows.label.tolist(), windows.start.tolist(), strict=True):
        values = [word for event in range(max(start, label - 2), label) for word in words[of_event[event]]][:4]
        expected.append(values + [0] * (4 - len(values)))
    assert windows.entries(lists, 4, 2).tolist() == expected
    monkeypatch.setattr(module, "ROWS_AT_ONCE", 3)
    assert windows.entries(lists, 4, 2).tolist() == expected


def test_a_label_leaks_that_stands_before_a_label_of_training() -> None:
    windows = Windows.of(made((4, 3)), 1)  # the labels 1, 2, 3 and 5, 6
    train, test = windows.take(np.array([1, 4])), windows.take(np.array([0, 2, 3]))
    assert test.leaking_into(train) == 2  # 1 before 2, and 5 before 6; 3 is the user's last
    assert test.leaking_into(train.take(slice(0))) == 0
    assert test.take(slice(0)).leaking_into(train) == 0
