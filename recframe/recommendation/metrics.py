"""The metrics of Model Maker's recommendation task, under its names, counted over every example.

`Global_Recall/Recall_k`: the label is among the k best of all items. `global_mean_rank`: its mean place, from 0.
`Batch_Recall/Recall_k` and `batch_mean_rank`: the same among the labels of its batch. Ties count against the label.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recframe.evaluation.block_ranking import label_ranks
from recframe.evaluation.scorers import Scorer
from recframe.recommendation.batches import LoaderExamples
from recframe.recommendation.loader import Loader


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


class History(dict[str, list[float]]):
    """The values of an epoch after the other, by metric; `.history` and `.epoch` are those of Keras's History."""

    @property
    def history(self) -> dict[str, list[float]]:
        """The values by metric."""
        return dict(self)

    @property
    def epoch(self) -> list[int]:
        """The epochs, from 0."""
        return list(range(len(next(iter(self.values()), []))))


def evaluate(
    scorer: Scorer, capacity: int, loader: Loader, known: np.ndarray, cutoffs: Sequence[int], batch: int
) -> Metrics:
    """Loss, recalls and mean ranks over a loader's examples.

    Args:
        scorer: Takes up to `capacity` rows, which are at least `batch`: many batches are scored at once.
        known: bool [labels]; ids that are no item do not compete. A label that is none is never found, and ranks last;
            an example without a label, 0, does not count.
    """
    labelled = LoaderExamples(loader.take(np.flatnonzero(loader.labels > 0)), len(known))
    losses, ranks, batch_ranks = [], [], []
    for many in labelled.batches(capacity // batch * batch, False, np.random.default_rng(0)):
        count = np.count_nonzero(many.weights)
        scores, labels = scorer({name: values[:count] for name, values in many.features.items()}), many.labels[:count]
        losses.append(_cross_entropy(scores, labels))
        for at in range(0, count, batch):
            rows = slice(at, at + batch)
            ranks.append(label_ranks(scores[rows], labels[rows], known) - 1)
            batch_ranks.append(_ranks_in_batch(scores[rows], labels[rows]))
    everywhere, in_batch = np.concatenate(ranks), np.concatenate(batch_ranks)
    figures = {"loss": float(np.concatenate(losses).mean())}
    figures |= {f"Global_Recall/Recall_{k}": float((everywhere < k).mean()) for k in cutoffs}
    figures["global_mean_rank"] = float(everywhere.mean())
    figures |= {f"Batch_Recall/Recall_{k}": float((in_batch < k).mean()) for k in cutoffs}
    figures["batch_mean_rank"] = float(in_batch.mean())
    return Metrics(figures)


def _ranks_in_batch(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """int64 [rows]: rank of each row's label among the other labels of the batch, from 0."""
    own = scores[np.arange(len(labels)), labels][:, None]
    # A score that is no number compares false, and so ranks last.
    return np.asarray(np.count_nonzero(~(scores[:, labels] < own) & (labels != labels[:, None]), axis=1))


def _cross_entropy(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """float64 [rows]: the softmax cross entropy over all ids but that of padding, as training has it."""
    own, scores = scores[np.arange(len(labels)), labels].astype(np.float64), scores[:, 1:].astype(np.float64)
    largest = scores.max(axis=1, keepdims=True)
    total = np.exp(scores - largest).sum(axis=1, keepdims=True)
    return np.asarray((np.log(total) + largest)[:, 0] - own)
