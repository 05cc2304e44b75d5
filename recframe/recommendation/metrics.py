"""The metrics of Model Maker's recommendation task, under its names, counted over every example.

`Global_Recall/Recall_k`: the label is among the k best of all items. `global_mean_rank`: its mean place, from 0.
`Batch_Recall/Recall_k` and `batch_mean_rank`: the same among the labels of its batch. Ties count against the label.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from recframe.evaluation.block_ranking import label_ranks
from recframe.evaluation.scorers import Scorer
from recframe.recommendation.api_errors import ApiValueError
from recframe.recommendation.examples import ExampleBatches, ExampleColumns


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
    scorer: Scorer, capacity: int, examples: ExampleColumns, known: np.ndarray, cutoffs: Sequence[int], batch: int
) -> Metrics:
    """Loss, recalls and mean ranks over examples.

    Args:
        scorer: Takes up to `capacity` rows, which are at least `batch`: many batches are scored at once.
        known: bool [labels]; ids that are no item do not compete. A label that is none is never found, and ranks last;
            an example without a label, 0, does not count.
    """
    labelled = ExampleBatches(examples.take(np.flatnonzero(examples.labels > 0)), len(known))
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


def lite_recall(path: Path, examples: ExampleColumns, cutoffs: Sequence[int]) -> dict[str, float]:
    """`Global_Recall/Recall_k` of an exported model, as a phone has it: asked about one labelled example at a time.

    Raises:
        ApiValueError: where the file cannot be read, reads other features, or returns fewer than the largest k.
    """
    from recframe.export.lite import ask_lite

    try:
        ask = ask_lite(path.read_bytes())
    except (OSError, ValueError, RuntimeError) as error:
        raise ApiValueError(f"{path}: no LiteRT model that can be asked: {str(error).splitlines()[0]}") from None
    rows = np.flatnonzero(examples.labels > 0)
    places = np.full(len(rows), np.iinfo(np.int64).max)
    for place, row in enumerate(rows):
        try:
            ids = ask({name: values[row] for name, values in examples.columns.items()}).ids.reshape(-1)
        except (KeyError, ValueError) as error:
            raise ApiValueError(f"{path}: reads other features than the data has: {error}") from None
        if max(cutoffs) > len(ids):
            raise ApiValueError(f"eval_top_k: {max(cutoffs)} is more than the {len(ids)} ids that {path.name} returns")
        if len(at := np.flatnonzero(ids == examples.labels[row])):
            places[place] = at[0]
    return {f"Global_Recall/Recall_{k}": float((places < k).mean()) for k in cutoffs}


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
