"""Ranks targets and finds the best items, in NumPy, in the same way for every model and comparator.

A rank counts the items that score at least as high as the label, including the label. So ties count against the model.
If items that the user had are left out and the label is one of them, its rank is behind all items.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from attrs import frozen
from threadpoolctl import threadpool_limits

from recframe.data.prepare import PreparedData
from recframe.errors import SpecError
from recframe.evaluation.block_ranking import BlockRanking, Ranked, Rows
from recframe.evaluation.list_metrics import ItemStatistics, ListMetrics
from recframe.evaluation.rank_metrics import all_metrics
from recframe.evaluation.scorers import TargetScorer, Tile, tile_of
from recframe.process.pace import Pace

#: Each thread scores and ranks its own batches. NumPy releases Python's global lock for most of the time.
THREADS = min(os.cpu_count() or 1, 8)


def no_notes(message: str) -> None:
    """Ignore a note."""


@frozen(eq=False)
class Ranks:
    """The ranks of the labels, int64 [targets], and the metrics of the lists, such as coverage@10, if computed."""

    ranks: np.ndarray
    list_metrics: dict[str, float]

    def metrics(self, cutoffs: tuple[int, ...]) -> dict[str, float]:
        """Every metric at each K, and mean_rank."""
        result: dict[str, float] = {}
        for k in cutoffs:
            result |= all_metrics(self.ranks, k)
            result |= {name: value for name, value in self.list_metrics.items() if name.endswith(f"@{k}")}
        return {**result, "mean_rank": float(self.ranks.mean())}


def seen_labels(data: PreparedData, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The row and the label id, int64 each, of every event of a user before the target."""
    starts = data.interactions.offsets[data.users[targets]]
    counts = targets - starts
    rows = np.repeat(np.arange(len(targets)), counts)
    events = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(starts, counts)
    return rows, data.labels[events].astype(np.int64)


def require_enough_items(data: PreparedData, cutoffs: tuple[int, ...]) -> None:
    """Raise SpecError if the catalogue has fewer items than the largest cut-off."""
    if max(cutoffs) > data.num_items:
        raise SpecError(f"evaluation.top_k: {max(cutoffs)} is more than the {data.num_items} items of the catalogue")


def rank_targets(
    scorer: TargetScorer,
    data: PreparedData,
    targets: np.ndarray,
    cutoffs: tuple[int, ...],
    batch: int,
    item_statistics: ItemStatistics | None = None,
    say: Callable[[str], None] = no_notes,
) -> dict[bool, Ranks]:
    """Rank every target over the whole catalogue.

    Args:
        batch: Targets whose histories are read at once. They are scored and ranked in smaller blocks.
        item_statistics: None: the best items of each history are not computed, which saves about half of the time over
            a small catalogue.
        say: Receives notes on the progress, if it takes long.

    Returns:
        Under True the ranks without the items that the user had before, under False the ranks among all items. The
        figures of a run are those under `data.exclude_seen`.
    """
    require_enough_items(data, cutoffs)
    ranks = {excluded: np.empty(len(targets), np.int64) for excluded in (False, True)}
    lists = dict[bool, ListMetrics]()
    if item_statistics:
        lists = {excluded: ListMetrics(item_statistics, len(targets), cutoffs) for excluded in ranks}
    pace = Pace(f"ranking {len(targets):,} targets over {data.num_items:,} items", say)

    def take(places: np.ndarray, ranked: Ranked) -> None:
        for excluded, of_rows, best in zip(ranks, ranked.ranks, ranked.best, strict=True):
            ranks[excluded][places] = of_rows
            if lists:
                lists[excluded].add(places, best)

    _rank_all(scorer, data, targets, batch, max(cutoffs) if lists else 0, take, pace)
    before = mean_history_popularity(data, targets) if lists else 0.0
    return {
        excluded: Ranks(values, lists[excluded].metrics(before) if lists else {}) for excluded, values in ranks.items()
    }


def ranks_and_lists(
    scorer: TargetScorer, data: PreparedData, targets: np.ndarray, k: int, batch: int
) -> tuple[np.ndarray, np.ndarray]:
    """The ranks of the labels, int64 [targets], and the label ids of the best items, best first, int64 [targets, k].

    `data.exclude_seen` decides whether items that the user had are left out. A shorter list ends in 0.
    """
    ranks, lists = np.empty(len(targets), np.int64), np.zeros((len(targets), k), np.int64)

    def take(places: np.ndarray, ranked: Ranked) -> None:
        ranks[places], lists[places] = ranked.ranks[data.exclude_seen], ranked.best[data.exclude_seen]

    _rank_all(scorer, data, targets, batch, k, take, lambda done, of: None)
    return ranks, lists


def _rank_all(
    scorer: TargetScorer,
    data: PreparedData,
    targets: np.ndarray,
    batch: int,
    k: int,
    take: Callable[[np.ndarray, Ranked], None],
    pace: Callable[[int, int], None],
) -> None:
    """Rank the targets on every core. Each thread passes its results to `take`, with the indices of the targets."""
    tile = tile_of(min(batch, len(targets)), data.num_labels)
    if tile.columns < data.num_labels:
        batch = min(batch, -(-len(targets) // THREADS))  # over a large catalogue even few targets occupy every thread
    done = itertools.count(1)  # blocks that any thread has finished
    blocks = max(1, -(-len(targets) // tile.rows))

    def work(first: int) -> None:
        starts = range(first, len(targets), THREADS * batch)
        for places, ranked in _ranked(scorer, data, targets, tile, starts, batch, k):
            take(places, ranked)
            pace(min(next(done), blocks), blocks)

    # BLAS would start further threads in each of these threads, and all would wait for one another.
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(0, min(THREADS * batch, len(targets)), batch)))


def _ranked(
    scorer: TargetScorer, data: PreparedData, targets: np.ndarray, tile: Tile, starts: range, batch: int, k: int
) -> Iterator[tuple[np.ndarray, Ranked]]:
    """Rank the batches that begin at `starts`. Yields indices of a few targets, int64 [rows], and their ranks."""
    order = np.arange(len(targets))
    if tile.columns < data.num_labels:
        # Targets with similar label ids are ranked together, so that their labels are in few blocks of the catalogue.
        order = np.argsort(data.labels[targets], kind="stable")
    ranking = BlockRanking(tile, data.known)
    for start in starts:
        read = order[start : start + batch]
        score = scorer(targets[read])
        for at in range(0, len(read), tile.rows):
            places = read[at : at + tile.rows]
            chosen = targets[places]
            rows = Rows(score(slice(at, at + tile.rows)), data.labels[chosen], *seen_labels(data, chosen))
            yield places, ranking.rank(rows, k)


def mean_history_popularity(data: PreparedData, targets: np.ndarray) -> float:
    """The mean of the training events of the items of a history, averaged over targets; 0 if there are none."""
    summed = np.concatenate([[0], np.cumsum(data.label_counts[data.labels])])
    starts = data.interactions.offsets[data.users[targets]]
    return float(((summed[targets] - summed[starts]) / (targets - starts)).mean()) if len(targets) else 0.0
