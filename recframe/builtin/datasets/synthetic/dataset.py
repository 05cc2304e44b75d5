"""Synthetic data of any size: users with drifting taste, and items with likely successors. A model can learn it.

An event is a likely successor of a recent item, or an item from the user's current genres, or noise. So the last item
is the best predictor, the set of recent items is a good one, and popularity is a weak one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import frozen

from recframe import DataError, DatasetContext, DatasetOptions, DatasetType, free_memory, hookimpl, option

if TYPE_CHECKING:
    import numpy as np

    from recframe import Interactions
    from recframe.builtin.datasets.synthetic.catalogue import SyntheticItems

EVENT, ITEM = 40, 400  # bytes for an event and for an item, including temporary arrays
START = 1_577_836_800  # 2020-01-01
YEAR = 365 * 86_400
LAGS = 4  # an event can follow one of this many latest items
TASTES = 3  # genres that a user likes at the same time
TASTE_SHARES = (0.6, 0.3, 0.1)
MAX_SEEN_CELLS = 1 << 25  # bytes of the table of seen items, for users that are simulated together


@frozen
class SyntheticOptions(DatasetOptions):
    """The size of the data, and how predictable the users are."""

    users: int = option(2000, ge=1, le=100_000_000, help="Number of users.")
    items: int = option(1000, ge=2, le=100_000_000, help="Number of items.")
    events_per_user: int = option(
        60, ge=1, le=1_000_000, help="Mean number of events of a user; some users have up to 4 times as many."
    )
    genres: int = option(12, ge=1, le=10_000, help="Number of genres; there are at most as many as items.")
    successors: int = option(3, ge=1, le=100, help="Number of likely next items of each item.")
    sequence: float = option(0.6, ge=0, le=1, help="Share of events that follow a recent item, not counting noise.")
    drift: float = option(0.3, ge=0, le=1, help="How fast tastes change; 0: never; 1: a new genre every tenth event.")
    noise: float = option(0.1, ge=0, le=1, help="Share of events drawn from all items by popularity.")
    popularity_skew: float = option(
        0.7, ge=0, le=3, help="Exponent of the popularity law; 0: all items are equally popular."
    )
    seed: int | None = option(None, ge=0, lt=2**32, help="Seed of the data; none: the seed of the run.")


def check(options: SyntheticOptions) -> None:
    """Raise DataError if the data does not fit into memory."""
    size, free = options.users * options.events_per_user * EVENT + options.items * ITEM, free_memory()
    if free is not None and size > free:
        raise DataError(
            f"dataset: {options.users:,} users with {options.events_per_user:,} events and {options.items:,} items "
            f"need about {size / 1e9:,.1f} GB of memory, but {free / 1e9:,.1f} GB are free; reduce dataset.users, "
            "dataset.events_per_user or dataset.items"
        )


def load(options: SyntheticOptions, context: DatasetContext) -> Interactions:
    """Make the interactions. The same options and seed give the same data.

    The item table has id int64 from 1 to `items`, title and genre str, year int64, and genres object (lists). The
    events have rating float32, from 0.5 to 5 in steps of 0.5. The times of a user's events increase, within two years.
    """
    import numpy as np

    from recframe import Interactions
    from recframe.builtin.datasets.synthetic.catalogue import make_catalogue

    rng = np.random.default_rng(context.seed if options.seed is None else options.seed)
    catalogue = make_catalogue(
        rng, options.items, min(options.genres, options.items), options.successors, options.popularity_skew
    )
    mean = options.events_per_user
    lengths = np.rint(rng.gamma(1.5, mean / 1.5, options.users)).astype(np.int64)
    lengths = np.clip(lengths, min(5, mean), 4 * mean)
    user = np.repeat(np.arange(options.users), lengths)
    item = np.empty(len(user), np.int32)
    liked = np.empty(len(user), bool)
    starts = np.cumsum(lengths) - lengths
    # The users with the most events come first, so that users who still have events are the first rows of a block.
    order = np.argsort(-lengths, kind="stable")
    block = max(1, MAX_SEEN_CELLS // options.items)
    for first in range(0, options.users, block):
        rows = order[first : first + block]
        _simulate(rng, options, catalogue, lengths[rows], starts[rows], item, liked)
    score = 3.2 + catalogue.quality[item] + 0.5 * liked + rng.normal(0, 0.6, len(item))
    return Interactions.from_columns(
        user=user + 1,
        item=item,
        timestamp=_times(rng, lengths, starts),
        items=catalogue.items,
        seed=context.seed,
        events={"rating": np.clip(np.rint(score * 2) / 2, 0.5, 5).astype(np.float32)},
    )


def _simulate(
    rng: np.random.Generator,
    options: SyntheticOptions,
    catalogue: SyntheticItems,
    lengths: np.ndarray,
    starts: np.ndarray,
    item: np.ndarray,
    liked: np.ndarray,
) -> None:
    """Fill in the events of a block of users. Each step draws the next event of all users.

    Args:
        lengths, starts: int64 [users], longest first; the number of events of each user, and the row of the first.
        item, liked: [events] of all users; the rows of this block are written.
    """
    import numpy as np

    count = len(lengths)
    seen = np.zeros((count, options.items), bool)
    recent = np.zeros((count, LAGS), np.int32)
    taste = rng.integers(catalogue.num_genres, size=(count, TASTES))
    slots = np.searchsorted(np.cumsum(TASTE_SHARES), rng.random(1 << 12)).clip(0, TASTES - 1)
    active = np.searchsorted(-lengths, -np.arange(lengths[0]), side="left")  # users with more than t events
    follow_below = options.noise + (1 - options.noise) * options.sequence
    users = np.arange(count)

    def draw(who: np.ndarray, t: int, kind: np.ndarray) -> np.ndarray:
        """A candidate for each user in `who`. `kind` in [0, 1) selects noise, a successor, or the user's taste."""
        genre = taste[who, slots[rng.integers(len(slots), size=len(who))]]
        picked = catalogue.draw_from_genre(rng, genre)
        if t > 0:
            follows = np.flatnonzero((kind >= options.noise) & (kind < follow_below))
            # Geometric lags of 1, 2, ...: the last item matters most, but not alone.
            lag = np.minimum(rng.geometric(0.6, len(follows)), min(t, LAGS))
            picked[follows] = catalogue.draw_successor(rng, recent[who[follows], (t - lag) % LAGS])
        noisy = np.flatnonzero(kind < options.noise)
        picked[noisy] = catalogue.draw_any(rng, len(noisy))
        return picked

    for t, n in enumerate(active):
        who = users[:n]
        if options.drift > 0:
            moved = np.flatnonzero(rng.random(n) < 0.1 * options.drift)
            taste[moved, rng.integers(TASTES, size=len(moved))] = rng.integers(catalogue.num_genres, size=len(moved))
        kind = rng.random(n)
        picked = draw(who, t, kind)
        for attempt in range(4):
            again = np.flatnonzero(seen[who, picked])
            if len(again) == 0:
                break
            # First retry the same kind, then the user's genres, then any item, so that few items are seen twice.
            retry = kind[again] if attempt < 2 else np.full(len(again), 1.0 if attempt == 2 else -1.0)
            picked[again] = draw(again, t, retry)
        seen[who, picked] = True
        recent[:n, t % LAGS] = picked
        item[starts[:n] + t] = picked
        liked[starts[:n] + t] = (taste[:n] == catalogue.genre[picked][:, None]).any(axis=1)


def _times(rng: np.random.Generator, lengths: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """int64 [events]: times in seconds that increase for each user, in sessions with long gaps between them."""
    import numpy as np

    gaps = rng.exponential(1.0, lengths.sum())
    gaps[rng.random(len(gaps)) < 0.2] *= 200  # a new session
    total = np.cumsum(gaps)
    before = np.repeat((total - gaps)[starts], lengths)
    whole = np.repeat(total[starts + lengths - 1], lengths) - before
    span = rng.uniform(0.1, 0.9, len(lengths)) * YEAR
    begin = START + rng.uniform(0, YEAR, len(lengths))
    # One more second per position keeps the times distinct after rounding.
    place = np.arange(len(gaps)) - np.repeat(starts, lengths)
    times = np.repeat(begin, lengths) + (total - before) / whole * np.repeat(span, lengths)
    seconds: np.ndarray = times.astype(np.int64) + place
    return seconds


@hookimpl
def recframe_datasets() -> Iterator[DatasetType]:
    yield DatasetType(
        "synthetic",
        summary="Synthetic users with drifting taste, and items with likely successors; any size, no download.",
        options=SyntheticOptions,
        load=load,
        check=check,
    )
