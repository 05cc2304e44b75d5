"""Events by user and time for examples, with a word in the log where equal times had to be drawn."""

from __future__ import annotations

import logging

import numpy as np

from recframe.interactions.ordering import HASH, EqualTimes, FileEvents, order_events

logger = logging.getLogger("recframe.recommendation")


def in_order(events: FileEvents, seed: int) -> np.ndarray:
    """int64 [events]: the events by user and time; equal times as they stand where the rows are a log, else drawn."""
    places, rule = order_events(events, "auto", seed)
    order = np.arange(len(events.user)) if places is None else places
    equal = EqualTimes.of(events.user[order], events.times[order], rule, seed)
    if rule == HASH:
        logger.warning(
            "%d of %d events have the time of the user's event before, and the rows do not tell their order: it is "
            "drawn by seed %d",
            *(int(np.count_nonzero(equal.as_before)), len(order), seed),
        )
    return order
