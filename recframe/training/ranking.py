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

#: Inputs by feature, each [rows, length] -> scores float32 [rows, labels].
Scorer = Callable[[Mapping[str, np.ndarray]], np.ndarray]
BLOCK = 32


def best_places(scores: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Columns of the k best scores of each row, and the place of each in its row.

    The k-th best of the maxima of blocks of columns is a floor under the k-th best score, so that few scores need
    sorting, and no partition of whole rows is needed.

    Args:
        scores: float32 [rows, columns].

    Returns:
        int64 [found], int64 [found]: columns, and places from 0; row by row. Equal scores stand by rising column.
    """
    rows, columns = scores.shape
    blocks = columns // BLOCK
    if blocks <= 2 * k:
        floor = np.partition(scores, columns - k, axis=1)[:, columns - k]
    else:
        # Column c belongs to block c % blocks, which makes the maximum a sweep over contiguous memory.
        maxima = scores[:, : blocks * BLOCK].reshape(rows, BLOCK, blocks).max(axis=1)
        floor = np.partition(maxima, blocks - k, axis=1)[:, blocks - k]
    flat = np.flatnonzero(scores >= floor[:, None])
    row, column = np.divmod(flat, columns)
    order = np.lexsort((-scores.reshape(-1)[flat], row))
    row, column = row[order], column[order]
    starts = np.searchsorted(row, np.arange(rows))
    place = np.arange(len(row)) - starts[row]
    return column[place < k], place[place < k]


@frozen(eq=False)
class Ranks:
    """Ranks of the labels, int64 [targets], and the share of the catalogue recommended, by K."""

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


def rank_targets(
    scorer: Scorer, data: PreparedData, targets: np.ndarray, length: int, cutoffs: tuple[int, ...], batch: int
) -> dict[str, Ranks]:
    """Rank every target over the whole catalogue: `unseen` leaves out what the user had before, `all` does not."""
    if max(cutoffs) >= data.num_labels:
        raise SpecError(
            f"evaluation.top_k: {max(cutoffs)} is more than the {data.num_labels - 1} items of the catalogue"
        )
    rank = {kind: np.empty(len(targets), np.int64) for kind in ("unseen", "all")}
    shown = {(kind, k): np.zeros(data.num_labels, bool) for kind in rank for k in cutoffs}

    def work(at: int) -> None:
        chosen = targets[at : at + batch]
        row = np.arange(len(chosen))
        labels = data.labels[chosen]
        scores = scorer(histories(data, chosen, length))
        scores[:, 0] = -np.inf
        own = scores[row, labels]
        # A score that is no number must not pass for a good rank: NaN compares false, so count what is not below.
        rank["all"][at : at + batch] = np.count_nonzero(~(scores < own[:, None]), axis=1)
        _mark(shown, "all", scores, cutoffs)
        seen_row, seen = seen_labels(data, chosen)
        scores[seen_row, seen] = -np.inf
        scores[row, labels] = own  # an item met again is still the right answer
        scores[:, 0] = -np.inf
        rank["unseen"][at : at + batch] = np.count_nonzero(~(scores < own[:, None]), axis=1)
        _mark(shown, "unseen", scores, cutoffs)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(0, len(targets), batch)))
    items = data.num_labels - 1
    return {
        kind: Ranks(rank[kind], {k: int(np.count_nonzero(shown[kind, k][1:])) / items for k in cutoffs})
        for kind in rank
    }


def _mark(shown: dict[tuple[str, int], np.ndarray], kind: str, scores: np.ndarray, cutoffs: tuple[int, ...]) -> None:
    column, place = best_places(scores, max(cutoffs))
    for k in cutoffs:
        shown[kind, k][column[place < k]] = True


def popularity_scorer(data: PreparedData) -> Scorer:
    """Scores every item by its training events, for any history."""
    counts = data.label_counts.astype(np.float32)
    return lambda inputs: np.tile(counts, (len(next(iter(inputs.values()))), 1))
