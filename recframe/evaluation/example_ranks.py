"""Computes the loss of examples, and the ranks of their labels among all items and among the labels of their batch."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from attrs import frozen
from threadpoolctl import threadpool_limits

from recframe.evaluation.block_ranking import label_ranks
from recframe.evaluation.ranking import THREADS
from recframe.evaluation.scorers import InputScorer, tile_of

#: Size of the scores of a block over a large catalogue. The loss needs the scores of all items at once.
MOST_BYTES = 64 << 20


@frozen(eq=False)
class ExampleRanks:
    """Loss and ranks of each example. Ranks begin at 0, and ties count against the label.

    Attributes:
        losses: float32 [examples]; the softmax cross entropy over all ids except padding, as in training.
        ranks: int64 [examples]; the rank among the known items. A label that is not known ranks last.
        in_batch: int64 [examples]; the rank among the labels of the batch.
    """

    losses: np.ndarray
    ranks: np.ndarray
    in_batch: np.ndarray

    @classmethod
    def empty(cls, examples: int) -> ExampleRanks:
        """Arrays to fill."""
        return cls(np.empty(examples, np.float32), np.empty(examples, np.int64), np.empty(examples, np.int64))

    def fill(self, rows: slice, scores: np.ndarray, labels: np.ndarray, known: np.ndarray, batch: int) -> None:
        """Write the figures of some rows. Overwrites their scores.

        Args:
            scores: float32 [rows, label ids].
            labels: int32 [examples]; those of all examples.
        """
        own = labels[rows]
        self.ranks[rows] = label_ranks(scores, own, known) - 1
        for at, end in _pieces(rows, batch):
            of_batch = labels[at - at % batch : at - at % batch + batch]
            self.in_batch[at:end] = _ranks_among(scores[at - rows.start : end - rows.start], labels[at:end], of_batch)
        self.losses[rows] = _cross_entropy(scores, own)


def _pieces(rows: slice, batch: int) -> Iterator[tuple[int, int]]:
    """Cut rows where a batch ends."""
    edges = [rows.start, *range((rows.start // batch + 1) * batch, rows.stop, batch), rows.stop]
    return itertools.pairwise(edges)


def rank_examples(
    scorer: InputScorer, columns: Mapping[str, np.ndarray], labels: np.ndarray, known: np.ndarray, batch: int, most: int
) -> ExampleRanks:
    """Rank the examples, on every core.

    Args:
        columns: The inputs by feature, each [examples, length].
        labels: int32 [examples], each above 0.
        known: bool [labels]; ids without an item are not ranked.
        batch: Examples in a batch, whose labels are ranked among one another.
        most: The largest number of rows that the scorer takes.
    """
    rows = max(1, min(tile_of(most, len(known)).rows, MOST_BYTES // (4 * len(known))))
    result = ExampleRanks.empty(len(labels))

    def work(first: int) -> None:
        buffer = np.empty((rows, len(known)), np.float32)
        for start in range(first, len(labels), THREADS * most):
            end = min(start + most, len(labels))
            score = scorer({name: values[start:end] for name, values in columns.items()})
            for at in range(start, end, rows):
                here = slice(at, min(at + rows, end))
                scores = buffer[: here.stop - at]
                score(slice(at - start, here.stop - start))(slice(0, len(known)), scores)
                result.fill(here, scores, labels, known, batch)

    # BLAS would start further threads in each of these threads, and all would wait for one another.
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(0, min(THREADS * most, len(labels)), most)))
    return result


def _ranks_among(scores: np.ndarray, labels: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The rank of each row's label among other labels, int64 [rows]."""
    own = scores[np.arange(len(labels)), labels]
    # NaN compares false, so a label with the score NaN ranks last.
    not_below = ~(scores[:, others] < own[:, None]) & (others != labels[:, None])
    return np.asarray(np.count_nonzero(not_below, axis=1))


def _cross_entropy(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    own = scores[np.arange(len(labels)), labels]
    scores[:, 0] = -np.inf  # padding is no class
    largest = scores.max(axis=1)
    np.exp(np.subtract(scores, largest[:, None], out=scores), out=scores)
    return np.asarray(np.log(scores.sum(axis=1)) + (largest - own))
