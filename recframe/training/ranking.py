"""From scores to ranks to metrics, in NumPy: one path for Keras, SavedModel and LiteRT.

A rank counts the items that score at least as high as the label, the label among them: ties count against the model.
Metrics of one relevant item: recall@K = [rank <= K], ndcg@K = [rank <= K] / log2(rank + 1), mrr@K = [rank <= K] / rank.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from attrs import frozen

from recframe.data.prepare import PreparedData
from recframe.data.sequences import histories
from recframe.errors import SpecError
from recframe.training.block_ranking import Block, BlockRanking

#: Inputs by feature, each [rows, length] -> scores float32 [rows, labels].
Scorer = Callable[[Mapping[str, np.ndarray]], np.ndarray]
#: One thread scores while the other ranks: both leave Python's lock for most of their time.
THREADS = 2


@frozen(eq=False)
class Ranks:
    """Ranks of the labels, int64 [targets], and the share of the catalogue recommended, by K (where asked for)."""

    ranks: np.ndarray
    coverage: Mapping[int, float]

    def metrics(self, cutoffs: tuple[int, ...]) -> dict[str, float]:
        """recall@K, ndcg@K, mrr@K and coverage@K for each K, and mean_rank."""
        result: dict[str, float] = {}
        for k in cutoffs:
            hit = self.ranks <= k
            result[f"recall@{k}"] = float(hit.mean())
            result[f"ndcg@{k}"] = float(np.where(hit, 1 / np.log2(self.ranks + 1), 0).mean())
            result[f"mrr@{k}"] = float(np.where(hit, 1 / self.ranks, 0).mean())
            if k in self.coverage:
                result[f"coverage@{k}"] = self.coverage[k]
        result["mean_rank"] = float(self.ranks.mean())
        return result


def seen_labels(data: PreparedData, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row and label id, int64 each, of every event that the users had before their targets."""
    starts = data.interactions.offsets[data.users[targets]]
    counts = targets - starts
    rows = np.repeat(np.arange(len(targets)), counts)
    events = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(starts, counts)
    return rows, data.labels[events].astype(np.int64)


def require_items(data: PreparedData, cutoffs: tuple[int, ...]) -> None:
    """Raise SpecError where there are fewer items than a cut-off asks for."""
    if max(cutoffs) > data.num_items:
        raise SpecError(f"evaluation.top_k: {max(cutoffs)} is more than the {data.num_items} items of the catalogue")


def rank_targets(
    scorer: Scorer,
    data: PreparedData,
    targets: np.ndarray,
    cutoffs: tuple[int, ...],
    batch: int,
    coverage: bool = True,
) -> dict[str, Ranks]:
    """Rank every target over the whole catalogue: `unseen` leaves out what the user had before, `all` does not.

    Without `coverage` the best items of each history are not looked for, which takes over half of the time.
    """
    require_items(data, cutoffs)
    ranks = {kind: np.empty(len(targets), np.int64) for kind in ("all", "unseen")}
    shown = {kind: {k: np.zeros(data.num_labels, bool) for k in cutoffs if coverage} for kind in ranks}

    def work(first: int) -> None:
        ranking = BlockRanking(min(batch, len(targets)), data.known)
        for at in range(first, len(targets), THREADS * batch):
            chosen = targets[at : at + batch]
            scores = scorer(histories(data, chosen))
            block = Block(scores, data.labels[chosen], *seen_labels(data, chosen))
            for kind, found in zip(ranks, ranking.ranks(block), strict=True):
                ranks[kind][at : at + batch] = found
            if coverage:
                for kind, best in zip(ranks, ranking.best(block, max(cutoffs)), strict=True):
                    for k in cutoffs:
                        shown[kind][k][best.columns[best.places < k]] = True

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(0, THREADS * batch, batch)))
    items = data.num_items
    return {
        kind: Ranks(
            ranks[kind], {k: int(np.count_nonzero(items_shown)) / items for k, items_shown in shown[kind].items()}
        )
        for kind in ranks
    }


def popularity_scorer(data: PreparedData) -> Scorer:
    """Scores every item by its training events, for any history."""
    counts = data.label_counts.astype(np.float32)
    return lambda inputs: np.tile(counts, (len(next(iter(inputs.values()))), 1))
