"""Computes the loss of examples, and the ranks of their labels among all items and among the labels of their batch."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from recframe.data.sequences import Examples
from recframe.evaluation.block_ranking import label_ranks
from recframe.evaluation.scorers import Scorer


@frozen(eq=False)
class ExampleRanks:
    """Loss and ranks of each example. Ranks begin at 0, and ties count against the label.

    Attributes:
        losses: float64 [examples]; the softmax cross entropy over all ids except padding, as in training.
        ranks: int64 [examples]; the rank among the known items. A label that is not known ranks last.
        in_batch: int64 [examples]; the rank among the labels of the batch.
    """

    losses: np.ndarray
    ranks: np.ndarray
    in_batch: np.ndarray


def rank_examples(scorer: Scorer, capacity: int, examples: Examples, known: np.ndarray, batch: int) -> ExampleRanks:
    """Rank the examples whose weight is above 0, in their order.

    Args:
        scorer: Takes up to `capacity` rows. This is at least `batch`, so that many batches can be scored at once.
        known: bool [labels]; ids without an item are not ranked.
    """
    losses, ranks, in_batch = [], [], []
    for large_batch in examples.batches(capacity // batch * batch, "windows", np.random.default_rng(0)):
        weighed = large_batch.weights > 0
        inputs = {name: values[weighed] for name, values in large_batch.features.items()}
        scores, labels = scorer(inputs), large_batch.labels[weighed]
        losses.append(_cross_entropy(scores, labels))
        for at in range(0, len(labels), batch):
            rows = slice(at, at + batch)
            ranks.append(label_ranks(scores[rows], labels[rows], known) - 1)
            in_batch.append(_ranks_in_batch(scores[rows], labels[rows]))
    return ExampleRanks(*map(np.concatenate, (losses, ranks, in_batch)))


def _ranks_in_batch(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    own = scores[np.arange(len(labels)), labels][:, None]
    # NaN compares false, so a label with the score NaN ranks last.
    return np.asarray(np.count_nonzero(~(scores[:, labels] < own) & (labels != labels[:, None]), axis=1))


def _cross_entropy(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    own, scores = scores[np.arange(len(labels)), labels].astype(np.float64), scores[:, 1:].astype(np.float64)
    largest = scores.max(axis=1, keepdims=True)
    total = np.exp(scores - largest).sum(axis=1, keepdims=True)
    return np.asarray((np.log(total) + largest)[:, 0] - own)
