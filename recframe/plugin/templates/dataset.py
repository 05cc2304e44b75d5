"""The dataset `mine`: `recframe dataset=mine dataset.users=500`."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import recframe
from attrs import frozen


@frozen
class MineOptions(recframe.DatasetOptions):
    """What a user may set."""

    users: int = recframe.option(200, ge=1, help="Number of users.")


def load(options: MineOptions, context: recframe.DatasetContext) -> recframe.Interactions:
    """Each user walks through the items, one or two at a time. Read data of your own here."""
    # The same seed must give the same data. Data that is read needs no seed.
    rng = np.random.default_rng(context.seed)
    titles = [f"Episode {number}" for number in range(1, 101)]
    steps = rng.integers(1, 3, (options.users, 30))
    item = (rng.integers(0, len(titles), (options.users, 1)) + np.cumsum(steps, axis=1)) % len(titles)
    user = np.repeat(np.arange(1, options.users + 1), 30)
    timestamp = 1_700_000_000 + 86_400 * np.tile(np.arange(30), options.users)
    # Events may come in any order: they are sorted by user and time.
    return recframe.Interactions.from_columns(
        user=user,
        item=item.ravel(),  # rows of the item table
        timestamp=timestamp,  # seconds
        items={"id": np.arange(1, len(titles) + 1), "title": np.array(titles)},
        seed=context.seed,
    )


DATASET = recframe.DatasetType("mine", summary="Users who walk through episodes.", options=MineOptions, load=load)


@recframe.hookimpl
def recframe_datasets() -> Iterable[recframe.DatasetType]:
    yield DATASET
