"""Pairs of labels that are near each other in the training events of a user."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from recframe.data.prepare import PreparedData
from recframe.data.splits import TRAIN


def near_pairs(
    data: PreparedData, window: int, most_events: int | None = None
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs of labels of a user's training events that are 1, then 2, up to `window` events apart.

    Args:
        most_events: Read about this many events, of users spread over the data; None to read all.

    Yields:
        The earlier and the later labels, int32 [pairs] each.
    """
    is_read = data.split.parts == TRAIN
    total = np.count_nonzero(is_read)
    if most_events is not None and total > most_events:
        is_read &= data.users % -(-total // most_events) == 0
    events = np.flatnonzero(is_read)
    labels, users = data.labels[events], data.users[events]
    for apart in range(1, window + 1):
        same_user = users[apart:] == users[:-apart]
        yield labels[:-apart][same_user], labels[apart:][same_user]
