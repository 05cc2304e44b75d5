"""Metrics of the recommended lists that do not depend on the labels: coverage, novelty, diversity, popularity.

Sources: novelty as mean self-information, Zhou et al., PNAS 107 (2010); intra-list diversity, Ziegler et al., WWW 2005;
popularity bias, Abdollahpouri et al., RMSE 2019 (arXiv:1907.13286).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from recframe.data.prepare import PreparedData
from recframe.evaluation.categories import Categories


@frozen(eq=False)
class ItemStatistics:
    """Statistics of the items that the metrics need.

    Attributes:
        information: float64 [labels]; self-information in bits, 0 for an id without an item. One event is added to each
            item, since an item without events would have infinite information.
        popularity: float64 [labels]; the number of training events.
        categories: None if the items have no categories.
        items: The number of items.
    """

    information: np.ndarray
    popularity: np.ndarray
    categories: Categories | None
    items: int

    @classmethod
    def of(cls, data: PreparedData, category: str | None) -> ItemStatistics:
        """Raises SpecError if the items have no column of that name."""
        counts = data.label_counts.astype(np.float64)
        information = np.log2(counts.sum() + data.num_items) - np.log2(counts + 1)
        return cls(np.where(data.known, information, 0), counts, Categories.of(data, category), data.num_items)


class ListMetrics:
    """Collects lists block by block. Several threads may add blocks, if each row comes from one thread.

    Args:
        rows: The number of lists.
    """

    def __init__(self, item_statistics: ItemStatistics, rows: int, cutoffs: Sequence[int]) -> None:
        self.item_statistics, self.cutoffs = item_statistics, tuple(cutoffs)
        self._shown = {k: np.zeros(len(item_statistics.popularity), bool) for k in cutoffs}
        names = ("novelty", "popularity", *(("diversity",) if item_statistics.categories else ()))
        self._values = {name: np.zeros((rows, len(self.cutoffs))) for name in names}

    def add(self, rows: np.ndarray, table: np.ndarray) -> None:
        """Add the lists of some rows, int64 [n]: int64 [n, largest cutoff], best first. A shorter list ends in 0."""
        lengths, last = (table > 0).cumsum(axis=1), np.array(self.cutoffs) - 1
        count = np.maximum(lengths[:, last], 1)
        for k in self.cutoffs:
            self._shown[k][table[:, :k]] = True
        items = self.item_statistics
        for name, of_item in (("novelty", items.information), ("popularity", items.popularity)):
            self._values[name][rows] = of_item[table].cumsum(axis=1)[:, last] / count
        if items.categories:
            self._values["diversity"][rows] = items.categories.diversity(table, last)

    def metrics(self, history_popularity: float) -> dict[str, float]:
        """coverage@K, novelty@K, popularity_bias@K, and diversity@K if items have categories and K is above 1.

        Args:
            history_popularity: The mean popularity of the items of a history, averaged over the targets.
        """
        figures: dict[str, float] = {}
        for at, k in enumerate(self.cutoffs):
            means = {name: float(values[:, at].mean()) for name, values in self._values.items()}
            figures[f"coverage@{k}"] = int(np.count_nonzero(self._shown[k][1:])) / self.item_statistics.items
            figures[f"novelty@{k}"] = means["novelty"]
            if "diversity" in means and k > 1:
                figures[f"diversity@{k}"] = means["diversity"]
            if history_popularity > 0:
                figures[f"popularity_bias@{k}"] = means["popularity"] / history_popularity
        return figures
