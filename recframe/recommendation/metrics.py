"""The metrics of Model Maker's recommendation task, under its names, counted over every example.

`Global_Recall/Recall_k`: the label is among the k best of all items. `global_mean_rank`: its mean place, from 0.
`Batch_Recall/Recall_k` and `batch_mean_rank`: the same among the labels of its batch. Ties count against the label.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recframe.recommendation.loader import Loader
from recframe.training.ranking import Scorer


class Metrics(list[float]):
    """The values in Model Maker's order, as Keras's `evaluate` gives them; also by name: `metrics["loss"]`."""

    def __init__(self, figures: dict[str, float]) -> None:
        super().__init__(figures.values())
        self.names = tuple(figures)

    def __getitem__(self, key: int | slice | str) -> float | list[float]:  # type: ignore[override]
        return super().__getitem__(self.names.index(key) if isinstance(key, str) else key)

    def as_dict(self) -> dict[str, float]:
        """The values by name."""
        return dict(zip(self.names, self, strict=True))


def evaluate(scorer: Scorer, loader: Loader, known: np.ndarray, cutoffs: Sequence[int], batch: int) -> Metrics:
    """Loss, recalls and mean ranks over a loader's examples; the scorer takes up to `batch` rows.

    Args:
        known: bool [labels]; ids that are no item do not compete, nor do examples with an unknown label count.
    """
    rows = np.flatnonzero(known[loader.labels])
    losses, ranks, batch_ranks = [], [], []
    for at in range(0, len(rows), batch):
        chosen = rows[at : at + batch]
        labels = loader.labels[chosen]
        scores = scorer({name: values[chosen] for name, values in loader.columns.items()})
        own = scores[np.arange(len(chosen)), labels][:, None]
        losses.append(_cross_entropy(scores, own))
        # A score that is no number compares false, and so ranks last.
        ranks.append(np.count_nonzero(~(scores < own) & known, axis=1) - 1)
        others = labels != labels[:, None]
        batch_ranks.append(np.count_nonzero(~(scores[:, labels] < own) & others, axis=1))
    everywhere, in_batch = np.concatenate(ranks), np.concatenate(batch_ranks)
    figures = {"loss": float(np.concatenate(losses).mean())}
    figures |= {f"Global_Recall/Recall_{k}": float((everywhere < k).mean()) for k in cutoffs}
    figures["global_mean_rank"] = float(everywhere.mean())
    figures |= {f"Batch_Recall/Recall_{k}": float((in_batch < k).mean()) for k in cutoffs}
    figures["batch_mean_rank"] = float(in_batch.mean())
    return Metrics(figures)


def _cross_entropy(scores: np.ndarray, own: np.ndarray) -> np.ndarray:
    """float64 [rows]: the softmax cross entropy over all ids, as training has it."""
    scores, own = scores.astype(np.float64), own.astype(np.float64)
    largest = scores.max(axis=1, keepdims=True)
    total = np.exp(scores - largest).sum(axis=1, keepdims=True)
    return np.asarray((np.log(total) + largest - own)[:, 0])
