"""Metrics that follow from the rank of the one relevant item.

For a target of rank r, hit is 1 if r <= K, else 0. recall@K = hit_rate@K = hit, precision@K = hit / K, ndcg@K = hit /
log2(r + 1), mrr@K = map@K = hit / r. With several relevant items recall and hit rate would differ, and so would mrr and
map.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

#: The metrics with intervals. The others follow from these, or do not measure quality.
MAIN = ("recall", "ndcg", "mrr")


def gains(ranks: np.ndarray, k: int) -> dict[str, np.ndarray]:
    """recall, ndcg and mrr at K of each target, float64 [targets], for ranks int64 [targets] from 1."""
    hit = ranks <= k
    return {"recall": hit.astype(float), "ndcg": hit / np.log2(ranks + 1), "mrr": hit / ranks}


def gain_columns(ranks: np.ndarray, cutoffs: Sequence[int]) -> tuple[list[str], np.ndarray]:
    """The names of the main metrics, such as `recall@10`, and their values, float64 [targets, names]."""
    columns = {f"{name}@{k}": values for k in cutoffs for name, values in gains(ranks, k).items()}
    return list(columns), np.stack(list(columns.values()), axis=1)


def main_metrics(ranks: np.ndarray, cutoffs: Sequence[int]) -> dict[str, float]:
    """The means of recall@K, ndcg@K and mrr@K over the targets."""
    return {f"{name}@{k}": float(values.mean()) for k in cutoffs for name, values in gains(ranks, k).items()}


def all_metrics(ranks: np.ndarray, k: int) -> dict[str, float]:
    """The means of every metric at K over the targets."""
    figures = main_metrics(ranks, (k,))
    recall, mrr = figures[f"recall@{k}"], figures[f"mrr@{k}"]
    return {**figures, f"precision@{k}": recall / k, f"map@{k}": mrr, f"hit_rate@{k}": recall}
